/** Diagnostics as a SARIF 2.1.0 log, which editors, code hosts and CI systems read. Pure. */
import type { Diagnostic, DiagnosticSeverity } from '../../contract/index.ts';

interface SarifSource {
  /** Their file is relative to the root of what is looked at, with `/`. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of Drover. */
  readonly version: string;
}

interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly SarifRun[];
}

interface SarifRun {
  readonly tool: {
    readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly SarifRule[] };
  };
  readonly columnKind: 'utf16CodeUnits';
  readonly results: readonly SarifResult[];
}

interface SarifRule {
  readonly id: string;
  readonly defaultConfiguration: { readonly level: DiagnosticSeverity };
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: DiagnosticSeverity;
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
}

export function toSarif({ diagnostics, version }: SarifSource): SarifLog {
  const rules = rulesOf(diagnostics);
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const results = diagnostics.map((diagnostic) => resultOf(diagnostic, indexes.get(diagnostic.code) ?? 0));
  const driver = { name: 'drover plan lint', version, rules };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
}

function rulesOf(diagnostics: readonly Diagnostic[]): SarifRule[] {
  const levels = new Map(diagnostics.map(({ code, severity }) => [code, severity]));
  return [...levels]
    .map(([id, level]) => ({ id, defaultConfiguration: { level } }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function resultOf(diagnostic: Diagnostic, ruleIndex: number): SarifResult {
  const { code, severity, file, message, help, line, column, endColumn } = diagnostic;
  const region = { startLine: line, startColumn: column, ...(endColumn === undefined ? {} : { endColumn }) };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: help === undefined ? message : `${message}\nhelp: ${help}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: toUri(file) }, region } }],
  };
}

/** Names may hold what means something else in a reference: `#`, `?`, `:`. */
function toUri(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
