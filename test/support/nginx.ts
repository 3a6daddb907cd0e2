/** A real nginx as a proxy in a folder of its own, in the foreground; null where none is installed. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const NGINX = '/usr/sbin/nginx';

export interface NginxPlan {
  readonly port: number;
  readonly upstreamPort: number;
  /** Silence after which it gives the upstream up, with its unit. */
  readonly readTimeout: string;
}

export function hasNginx(binary = NGINX): boolean {
  return spawnSync(binary, ['-v'], { stdio: 'ignore' }).status === 0;
}

/** Writes its configuration; answers the arguments that run it there, until it is killed. */
export function nginxArgs(folder: string, plan: NginxPlan): readonly string[] {
  const file = join(folder, 'nginx.conf');
  mkdirSync(join(folder, 'temp'));
  writeFileSync(file, config(folder, plan));
  return ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
}

function config(folder: string, { port, upstreamPort, readTimeout }: NginxPlan): string {
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log;
  ${temps.map((name) => `${name}_temp_path ${folder}/temp/${name};`).join('\n  ')}
  keepalive_requests 1000000;
  client_max_body_size 32m;
  client_body_buffer_size 1m;
  upstream engine { server 127.0.0.1:${upstreamPort}; keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout ${readTimeout};
    }
  }
}
`;
}
