/** The folders of a plan that make up its version, besides plan.md. */
export const VERSION_FOLDERS = ['scripts', 'lib', 'schemas'] as const;
