import { expect, test } from 'vitest';

import { flagsByName, parseHelp, parseVersion } from './help.ts';

const HELP = `----- common params -----

-h,    --help, --usage                  print usage and exit
-ngl,  --gpu-layers, --n-gpu-layers N   layers to store in VRAM, see --fit-target
--cpu-strict <0|1>                      use strict CPU placement
-fit,  --fit [on|off]                   adjust to memory
                                        (env: LLAMA_ARG_FIT), not --this
--fim-qwen-1.5b-default                 use a model
--kv-offload, --no-kv-offload
                                        whether to offload
                                        (env: LLAMA_ARG_KV_OFFLOAD)
`;

test('all spellings of a flag are read, and none from the descriptions', () => {
  const flags = flagsByName(parseHelp(HELP));

  expect([...flags.keys()]).toEqual([
    '-h',
    '--help',
    '--usage',
    '-ngl',
    '--gpu-layers',
    '--n-gpu-layers',
    '--cpu-strict',
    '-fit',
    '--fit',
    '--fim-qwen-1.5b-default',
    '--kv-offload',
    '--no-kv-offload',
  ]);
});

test('each flag tells whether a value follows it, and the variable in its place', () => {
  expect(parseHelp(HELP).map(({ names, takesValue, env }) => [names.at(-1), takesValue, env])).toEqual([
    ['--usage', false, null],
    ['--n-gpu-layers', true, null],
    ['--cpu-strict', true, null],
    ['--fit', true, 'LLAMA_ARG_FIT'],
    ['--fim-qwen-1.5b-default', false, null],
    ['--no-kv-offload', false, 'LLAMA_ARG_KV_OFFLOAD'],
  ]);
});

test('the version is the rest of its line, whatever comes around it', () => {
  expect(parseVersion('ggml_cuda_init: found 1\nversion: 0.4.0-dev (80fb11a)\nbuilt with GNU')).toBe(
    '0.4.0-dev (80fb11a)',
  );
  expect(parseVersion('llamafile v0.9\n')).toBe('llamafile v0.9');
  expect(parseVersion('')).toBe('unknown');
});
