/** Where the values of secrets are: the file of the home, the daemon's environment, a command. In this order. */

import { execFile } from 'node:child_process';

import { readSecretFile, secretFile } from './secret-file.ts';
import { SHORTEST_SECRET } from './masker.ts';

export interface SecretSources {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Bash text that prints the value of the secret `$1`; null: none. */
  readonly command: () => string | null;
}

type FoundSecrets =
  | { readonly kind: 'found'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'missing'; readonly reason: string };

const COMMAND_MS = 10_000;

/** Rejects when the file must not be read. */
export async function findSecrets(names: readonly string[], sources: SecretSources): Promise<FoundSecrets> {
  const filed = names.length === 0 ? new Map<string, string>() : readSecretFile(sources.home);
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = filed.get(name) ?? (sources.environment[name] || (await fromCommand(name, sources.command())));
    if (value === null) return { kind: 'missing', reason: missing(name, sources) };
    if (value.length < SHORTEST_SECRET) {
      return {
        kind: 'missing',
        reason: `the secret ${name} is shorter than ${SHORTEST_SECRET} characters and could not be masked`,
      };
    }
    values[name] = value;
  }
  return { kind: 'found', values };
}

function missing(name: string, { home }: SecretSources): string {
  return `the secret ${name} is not known on this host: run "drover secrets set ${name}" (${secretFile(home)}), or put ${name} into the daemon's environment`;
}

/** Null when there is no command, it failed, or it printed nothing. */
function fromCommand(name: string, command: string | null): Promise<string | null> {
  if (command === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    execFile('bash', ['-c', command, 'secret', name], { timeout: COMMAND_MS, encoding: 'utf8' }, (error, stdout) => {
      const value = stdout.replace(/\n$/, '');
      resolve(error !== null || value === '' ? null : value);
    });
  });
}
