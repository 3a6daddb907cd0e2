/** What a service manager is told of the daemon, and what is to be done with it: the nouns that every platform shares. */

export const SERVICE_NAME = 'drover';

export type ServiceScope = 'user' | 'system';

/** All that the texts depend on; nothing else is looked up. */
export interface ServiceSpec {
  readonly scope: ServiceScope;
  /** Absolute path of Node, and of `bin/drover.js`. */
  readonly node: string;
  readonly program: string;
  /** `DROVER_HOME`, absolute. */
  readonly droverHome: string;
  /** Whom the daemon belongs to. */
  readonly account: { readonly name: string; readonly uid: number; readonly home: string };
  /** Variables of the daemon; `DROVER_HOME` is added. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  /** Windows reads task definitions as UTF-16 with a byte order mark. */
  readonly encoding: 'utf-8' | 'utf-16';
}

export interface ServiceCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** What is lost when it fails, where the rest is of use without it; null: the whole fails. */
  readonly otherwise: string | null;
}

/** Everything that installing and removing does, as data: first the files, then the commands. */
export interface ServicePlan {
  readonly manager: string;
  /** Answers whether the manager is there at all: refused unless it prints one of `states`. */
  readonly probe: { readonly command: ServiceCommand; readonly states: readonly string[] } | null;
  readonly files: readonly ServiceFile[];
  /** The file that says "installed" by being there. */
  readonly mark: string;
  readonly install: readonly ServiceCommand[];
  readonly uninstall: readonly ServiceCommand[];
  /** After the files are gone. */
  readonly forget: readonly ServiceCommand[];
  /** How a person sees what the manager thinks of it. */
  readonly status: string;
}

export function environmentOf(spec: ServiceSpec): readonly (readonly [name: string, value: string])[] {
  return Object.entries({ ...spec.env, DROVER_HOME: spec.droverHome }).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

export function command(file: string, args: readonly string[], otherwise: string | null = null): ServiceCommand {
  return { file, args, otherwise };
}
