/**
 * Holds the edges between areas: who may import whom, directly and through others. The table is the one of
 * docs/architecture.md; a new area is a new row here.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Every area and the areas it may import. Importing one of them also lets in what that one imports. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  kernel: ['contract'],
  config: ['kernel'],
  devices: ['kernel'],
  engines: ['kernel'],
  models: ['kernel'],
  shell: [],
  plans: ['kernel', 'shell'],
  store: ['kernel'],
  instances: ['devices', 'engines', 'models'],
  agent: ['instances', 'shell'],
  gateway: ['store', 'instances', 'plans', 'models'],
  brain: ['gateway'],
  fleet: ['brain', 'config'],
  telemetry: ['brain'],
  api: ['fleet', 'telemetry', 'config'],
  client: ['kernel'],
  tui: ['client'],
  mcp: ['client'],
  cli: ['client', 'config', 'plans', 'kernel'],
};

/** Packages that must not be loaded by commands at start: they cost more than the command. */
const HEAVY = ['zod', 'undici', 'fastify', 'kysely', 'pg', 'node-llama-cpp', 'pino', 'ws'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

const files = sourceFiles(SRC);
const imports = files.flatMap(importsOf);

describe('the edges between areas', () => {
  test('the walk sees the house', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  test('every area is in the table', () => {
    const areas = readdirSync(SRC).filter((name) => name !== 'daemon' && statSync(join(SRC, name)).isDirectory());
    expect(areas.filter((area) => !(area in EDGES))).toEqual([]);
  });

  test('an area imports only what lies below it', () => {
    const wrong = imports.filter((edge) => {
      const [from, to] = [areaOf(edge.from), areaOf(edge.to)];
      return from !== 'daemon' && to !== null && to !== from && !mayImport(from, to, edge);
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('another area is entered through its index; files of contract and kernel may be named, so that commands load little', () => {
    const wrong = imports.filter((edge) => {
      const [from, to] = [areaOf(edge.from), areaOf(edge.to)];
      if (to === null || to === from || to === 'contract' || to === 'kernel' || to === 'daemon') return false;
      return !edge.to.endsWith('/index.ts') && from !== 'cli' && from !== 'client' && from !== 'daemon';
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('no file imports itself through others, not even for a type', () => {
    expect(inCircles(imports.filter((edge) => !edge.dynamic)).map(show)).toEqual([]);
  });

  test('the agent reaches neither store nor api nor gateway, by any path', () => {
    const reached = closure('daemon/agent.ts').map((file) => areaOf(file));
    expect([...new Set(reached)].filter((area) => ['store', 'api', 'gateway', 'brain'].includes(area ?? ''))).toEqual(
      [],
    );
  });

  test('a command loads no heavy package at start', () => {
    const loaded = closure('cli/main.ts').flatMap(packagesOf);
    expect([...new Set(loaded)].filter((name) => HEAVY.includes(name))).toEqual([]);
  });
});

function mayImport(from: string | null, to: string, edge: Import): boolean {
  if (from === null) return false;
  if ((from === 'cli' || from === 'client') && (edge.typeOnly || edge.dynamic)) return true;
  return below(from).has(to);
}

function below(area: string): Set<string> {
  const reached = new Set<string>();
  const open = [...(EDGES[area] ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(EDGES[next] ?? []));
  }
  return reached;
}

/** All files loaded when `entry` is: static value imports, followed. */
function closure(entry: string): string[] {
  const reached = new Set<string>();
  const open = [join(SRC, entry)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(
      ...imports.filter((edge) => edge.from === next && !edge.typeOnly && !edge.dynamic).map((edge) => edge.to),
    );
  }
  return [...reached];
}

/** The imports that lie on a circle, or between two: what is left when those go that lead to an end or come from none. */
function inCircles(edges: readonly Import[]): readonly Import[] {
  const [from, to] = [new Set(edges.map((edge) => edge.from)), new Set(edges.map((edge) => edge.to))];
  const left = edges.filter((edge) => from.has(edge.to) && to.has(edge.from));
  return left.length === edges.length ? left : inCircles(left);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  return specifiersOf(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, typeOnly, dynamic }) => ({
      from: file,
      to: resolve(dirname(file), specifier),
      typeOnly,
      dynamic,
    }));
}

function packagesOf(file: string): string[] {
  return specifiersOf(file)
    .filter(({ specifier, typeOnly, dynamic }) => !typeOnly && !dynamic && !/^(?:\.|node:)/.test(specifier))
    .map(({ specifier }) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}

function specifiersOf(file: string): { specifier: string; typeOnly: boolean; dynamic: boolean }[] {
  const text = readFileSync(file, 'utf8');
  const fixed = [...text.matchAll(/^(?:import|export)(\s+type)?\b[^'"`;]*?from\s+'([^']+)'/gm)].map((match) => ({
    specifier: match[2] ?? '',
    typeOnly: match[1] !== undefined,
    dynamic: false,
  }));
  const bare = [...text.matchAll(/^import\s+'([^']+)'/gm)].map((match) => ({
    specifier: match[1] ?? '',
    typeOnly: false,
    dynamic: false,
  }));
  const lazy = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map((match) => ({
    specifier: match[1] ?? '',
    typeOnly: false,
    dynamic: true,
  }));
  return [...fixed, ...bare, ...lazy];
}

/** The folder under src, or null for what lies elsewhere. */
function areaOf(file: string): string | null {
  const path = relative(SRC, file);
  return path.startsWith('..') ? null : (path.split('/')[0] ?? null);
}

function show(edge: Import): string {
  return `${relative(SRC, edge.from)} → ${relative(SRC, edge.to)}`;
}
