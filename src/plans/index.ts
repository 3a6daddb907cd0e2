/** The public face of the plan language: parse, lint, compile, expand and render. Other areas import only this. */
export type * from './types.ts';
export type { Diagnostic, DiagnosticSeverity } from '../contract/diagnostics.ts';
