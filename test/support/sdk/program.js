/** The SDK on Node, imported as a user of the package does; who to ask stands in the environment. */

import { Drover } from 'drover/client';

import { exercise } from './exercise.js';

process.stdout.write(JSON.stringify(await exercise(new Drover())));
