import { expect, test } from 'vitest';

import { parseFlags, parseVersion } from './help.ts';

const HELP = `----- common params -----

-h,    --help, --usage                  print usage and exit
-ngl,  --gpu-layers, --n-gpu-layers N   layers to store in VRAM, see --fit-target
--cpu-strict <0|1>                      use strict CPU placement
-fit,  --fit [on|off]                   adjust to memory
                                        (env: LLAMA_ARG_FIT), not --this
`;

test('all spellings of a flag are read, and none from the descriptions', () => {
  const flags = parseFlags(HELP);

  expect([...flags]).toEqual([
    '-h',
    '--help',
    '--usage',
    '-ngl',
    '--gpu-layers',
    '--n-gpu-layers',
    '--cpu-strict',
    '-fit',
    '--fit',
  ]);
});

test('the version is the rest of its line, whatever comes around it', () => {
  expect(parseVersion('ggml_cuda_init: found 1\nversion: 0.4.0-dev (80fb11a)\nbuilt with GNU')).toBe(
    '0.4.0-dev (80fb11a)',
  );
  expect(parseVersion('llamafile v0.9\n')).toBe('llamafile v0.9');
  expect(parseVersion('')).toBe('unknown');
});
