/** Ports for engines: one is leased by binding it for a moment, and stays leased while its instance holds it. */

import { createServer } from 'node:net';

import { hasCode } from '../../kernel/index.ts';

type PortAnswer =
  | { readonly kind: 'leased'; readonly port: number }
  | { readonly kind: 'taken'; readonly by: { readonly owner: string } | null };

export interface Ports {
  /** `wanted` null: the next free one. An owner's earlier lease ends. */
  lease(owner: string, host: string, wanted: number | null): Promise<PortAnswer>;
  /** Enters what is a fact already. */
  hold(owner: string, port: number): void;
  release(owner: string): void;
  /** True when nobody on this machine listens there. */
  isFree(host: string, port: number): Promise<boolean>;
}

const LAST_PORT = 65_535;

/** `firstPort` is where the search for a free one begins. */
export function createPorts(firstPort: number): Ports {
  const held = new Map<string, number>();

  const ownerOf = (port: number): string | null => [...held].find(([, other]) => other === port)?.[0] ?? null;

  async function next(owner: string, host: string): Promise<PortAnswer> {
    for (let port = firstPort; port <= LAST_PORT; port++) {
      const answer = await tryPort(owner, host, port);
      if (answer.kind === 'leased') return answer;
    }
    return { kind: 'taken', by: null };
  }

  /** Held before it is tried, so that of two launches only one tries it. */
  async function tryPort(owner: string, host: string, port: number): Promise<PortAnswer> {
    const holder = ownerOf(port);
    if (holder !== null) return { kind: 'taken', by: { owner: holder } };
    held.set(owner, port);
    if (await canBind(host, port)) return { kind: 'leased', port };
    held.delete(owner);
    return { kind: 'taken', by: null };
  }

  return {
    lease(owner, host, wanted) {
      held.delete(owner);
      return wanted === null ? next(owner, host) : tryPort(owner, host, wanted);
    },
    hold: (owner, port) => void held.set(owner, port),
    release: (owner) => void held.delete(owner),
    isFree: canBind,
  };
}

/** Rejects when the address is none of this machine, or the port needs privileges. */
function canBind(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(false) : reject(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
