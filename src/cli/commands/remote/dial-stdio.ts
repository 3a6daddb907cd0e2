/** `drover dial-stdio`: joins stdin and stdout to the socket of this machine's controller, for a command behind ssh. */

import { once } from 'node:events';
import { connect } from 'node:net';

import type { CliContext } from '../../context.ts';

/** Ends when either side does. A daemon that is not there is started, as for any command. */
export async function dialStdio(this: CliContext): Promise<void> {
  await this.client.daemon();
  const socket = connect(this.paths.socket);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  await once(socket, 'close');
  process.stdin.destroy();
}
