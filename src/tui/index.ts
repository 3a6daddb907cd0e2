/** The dashboard: a full-screen view of the house. Commands load it only when it is asked for. */

export { runDashboard } from './run.ts';
