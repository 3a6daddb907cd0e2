/** The SDK in a page: bundled with its browser face, run by the test through `globalThis.exercise`. */

import { Drover } from 'drover/client';

import { exercise } from './exercise.js';

globalThis.exercise = (options) => exercise(new Drover(options));
