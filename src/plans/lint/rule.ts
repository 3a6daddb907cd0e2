/** What a lint rule is: one code, one severity, one check over the resolved plan. Rules are the files in `rules/`. */
import type { Diagnostic, DiagnosticSeverity } from '../../contract/index.ts';
import type { BatchConfig } from '../meaning/variables.ts';
import type { ResolvedPlan } from '../meaning/resolve-plan.ts';
import type { ResolvedTask } from '../meaning/resolve-task.ts';
import type { CompiledParseNode, Span, TaskFieldName } from '../types.ts';
import type { DeclaredNames } from '../variables/placeholders.ts';
import type { OddBlock } from './field-blocks.ts';
import type { TextReading } from './uses.ts';

/** What lint may know beyond the text; every part is optional and silences the rules that need it. */
export interface LintContext {
  /** The batch's values, at submit. Absent when a plan is linted on its own. */
  readonly config?: BatchConfig;
  /** Ids of the model catalogue. */
  readonly modelIds?: readonly string[];
  /** Parameters of the models of the catalogue, as far as known. */
  readonly modelParameters?: Readonly<Record<string, number>>;
  /** Memory of every device in MiB. */
  readonly deviceMemoryMb?: readonly number[];
  /** Paths below the plan folder that belong to its version, e.g. `scripts/count.sh`. */
  readonly files?: readonly string[];
  /** Why what is written, or stands in that one of `files`, cannot be used as a JSON Schema; undefined when it can. */
  readonly schemaFault?: (schema: CompiledParseNode['schema']) => string | undefined;
  /** What the host where it is to run would say to a command, its placeholders not replaced yet. */
  readonly host?: (planned: {
    readonly text: string;
    readonly executor: 'worker' | 'brain';
    readonly sandbox: 'none' | 'bwrap';
  }) => readonly string[];
}

export interface LintSubject extends ResolvedPlan, TextReading {
  readonly context: LintContext;
  readonly declared: DeclaredNames;
  /** Defaults and config together; empty values count. */
  readonly variables: Readonly<Record<string, string>>;
  readonly oddBlocks: readonly OddBlock[];
  /** Fields that some task has. */
  readonly usedFields: ReadonlySet<TaskFieldName>;
}

export interface Finding {
  readonly at: Span;
  readonly message: string;
  readonly help?: string;
}

export interface Rule {
  readonly code: string;
  readonly severity: DiagnosticSeverity;
  readonly check: (subject: LintSubject) => readonly Finding[];
}

/** The tasks that have one of these fields. */
export function tasksWith(
  { tasks, usedFields }: LintSubject,
  ...names: readonly TaskFieldName[]
): readonly ResolvedTask[] {
  const some = names.filter((name) => usedFields.has(name));
  return some.length === 0 ? [] : tasks.filter(({ task }) => some.some((name) => task.fields[name] !== undefined));
}

export function toDiagnostic(file: string, rule: Pick<Rule, 'code' | 'severity'>, finding: Finding): Diagnostic {
  const { at, message, help } = finding;
  const { code, severity } = rule;
  const place = { file, line: at.line, column: at.column, endColumn: at.endColumn };
  return { code, severity, ...place, message, ...(help === undefined ? {} : { help }) };
}
