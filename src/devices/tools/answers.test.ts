/** What the vendors' tools answer, as recorded under `fixtures/`, and what is read from it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { parseAmdCards, readAmdCards } from './amd-smi.ts';
import { parseAppleGpu } from './apple-profile.ts';
import { parseDeviceList } from './llama-list.ts';
import { divideCards, parseParts, parseProcesses, parseTable } from './nvidia-smi.ts';
import { parseRocmSmi } from './rocm-smi.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

function recorded(name: string): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
}

describe('nvidia-smi', () => {
  test('one card, with all it measures', () => {
    expect(parseTable(recorded('nvidia-smi.one-card.csv'), 0)).toEqual([
      {
        id: 'gpu0',
        kind: 'nvidia',
        name: 'NVIDIA GeForce RTX 3090',
        uuid: 'GPU-3b1c6f0a-7f0e-4c55-9a1d-0a4be0b7a001',
        backendNames: ['CUDA0'],
        aliases: [],
        index: 0,
        totalBytes: 24 * GIB,
        observedBytes: 1213 * MIB,
        temperatureC: 47,
        powerW: 31.08,
        powerLimitW: 350,
        utilisationPercent: 3,
        coreClockMhz: 1695,
        memoryClockMhz: 9501,
        throttleReasons: [],
        pcieGeneration: 4,
        pcieWidth: 16,
      },
    ]);
  });

  test('why a card is slow, where it is; being idle is no reason', () => {
    const cards = parseTable(recorded('nvidia-smi.five-cards.csv'), 99 * MIB);

    expect(cards.map(({ throttleReasons }) => throttleReasons)).toEqual([
      [],
      ['sw_power_cap', 'sw_thermal_slowdown'],
      [],
      [],
      [],
    ]);
    expect(cards[1]).toMatchObject({ coreClockMhz: 1530, memoryClockMhz: 7000, pcieGeneration: 3, pcieWidth: 1 });
  });

  test('a driver that does not know the newer fields', () => {
    expect(parseTable(recorded('nvidia-smi.basic.csv'), 0, 'basic')).toMatchObject([
      { id: 'gpu0', name: 'Tesla K20, rev. 2', totalBytes: 4096 * MIB, pcieWidth: null, throttleReasons: [] },
    ]);
  });

  test('processes by card; one whose memory is not told is left out', () => {
    const processes = parseProcesses(recorded('nvidia-smi.processes.csv'));

    expect([...processes.values()].map((card) => [...card])).toEqual([
      [
        [4211, 3072 * MIB],
        [4398, 256 * MIB],
      ],
      [[4401, 512 * MIB]],
    ]);
    expect(parseProcesses(recorded('nvidia-smi.five-cards.csv')).size).toBe(0);
  });

  test('five cards, and what one of them does not tell is unknown', () => {
    const cards = parseTable(recorded('nvidia-smi.five-cards.csv'), 99 * MIB);

    expect(cards).toMatchObject([
      { id: 'gpu0', temperatureC: 61, powerLimitW: 125 },
      { id: 'gpu1', observedBytes: 5890 * MIB, utilisationPercent: 98 },
      { id: 'gpu2', powerW: null, powerLimitW: null, utilisationPercent: 0 },
      { id: 'gpu3', name: 'Tesla P40, rev. B', observedBytes: null, temperatureC: null, utilisationPercent: null },
      { id: 'gpu4', totalBytes: 99 * MIB, temperatureC: 52, powerLimitW: null },
    ]);
  });

  test('no cards are no error, and what is no table is one', () => {
    expect(parseTable(recorded('nvidia-smi.no-devices.txt'), 0)).toEqual([]);
    expect(parseTable('', 0)).toEqual([]);
    expect(() => parseTable('<html>\nwrong program', 0)).toThrow('its answer is no table: "<html>"');
  });

  test('a divided card is its parts, each with its own UUID and memory', () => {
    const cards = parseTable(recorded('nvidia-smi.mig.csv'), 0);
    const parts = parseParts(recorded('nvidia-smi.mig.list.txt'));

    const devices = divideCards(cards, parts, recorded('nvidia-smi.mig.xml'));

    expect(devices).toMatchObject([
      {
        id: 'gpu0-mig0',
        name: 'NVIDIA A100-SXM4-40GB MIG 3g.20gb',
        uuid: 'MIG-4d806f22-346a-5a1d-ba01-86b505cdf485',
        totalBytes: 19_968 * MIB,
        observedBytes: 8219 * MIB,
        temperatureC: 34,
      },
      { id: 'gpu0-mig1', uuid: 'MIG-0c757cd7-e942-5726-a0b8-0e8fb7067135', totalBytes: 4864 * MIB },
      { id: 'gpu1', name: 'NVIDIA A100-SXM4-40GB', totalBytes: 40_960 * MIB },
    ]);
  });

  test('the parts of an older driver have their UUIDs too, and their size follows from their profile', () => {
    const cards = parseTable(recorded('nvidia-smi.mig.csv'), 0).slice(0, 1);
    const parts = parseParts(recorded('nvidia-smi.mig-450.list.txt'));

    expect(divideCards(cards, parts, '')).toMatchObject([
      { uuid: 'MIG-GPU-b1028956-cfa2-4990-8f4a-5da9abb51763/7/0', totalBytes: 5 * GIB, observedBytes: null },
    ]);
  });
});

describe('rocm-smi', () => {
  const radeon = {
    id: 'amd0',
    kind: 'amd',
    name: 'Radeon RX 7900 XT',
    uuid: 'GPU-9246a1b2c3d4e5f6',
    backendNames: ['ROCm0'],
    totalBytes: 21_458_059_264,
    observedBytes: 27_856_896,
    temperatureC: 45,
    powerW: 18,
    powerLimitW: 303,
    utilisationPercent: 4,
  };

  test('JSON and CSV say the same', () => {
    const json = parseRocmSmi(recorded('rocm-smi.json'));

    expect(json).toMatchObject([radeon, { name: 'Raphael', uuid: null, totalBytes: 64 * MIB, powerW: 33.11 }]);
    expect(parseRocmSmi(recorded('rocm-smi.csv'))).toEqual(json);
  });

  test('older keys are known, and a warning before the JSON is passed over', () => {
    expect(parseRocmSmi(recorded('rocm-smi.old.json'))).toMatchObject([
      { name: 'AMD INSTINCT MI200 (MCM) OAM LC MBA HPE C2', uuid: 'GPU-0000002f4c0d0a11', temperatureC: 38 },
    ]);
  });

  test('what is neither is an error', () => {
    expect(() => parseRocmSmi('no permission')).toThrow('rocm-smi: its answer is no JSON: "no permission"');
    expect(parseRocmSmi('{"system": {}}')).toEqual([]);
  });
});

describe('amd-smi', () => {
  const read = (version: string) =>
    readAmdCards(parseAmdCards(recorded(`${version}.static.json`)), parseAmdCards(recorded(`${version}.metric.json`)));

  test('of ROCm 6 answers with a list', () => {
    expect(read('amd-smi')).toMatchObject([
      {
        id: 'amd0',
        name: 'AMD Instinct MI300X',
        uuid: 'GPU-8c1f2e3d4a5b6c7d',
        totalBytes: 196_592 * MIB,
        observedBytes: 283 * MIB,
        temperatureC: 38,
        powerW: 139,
        powerLimitW: 700,
        utilisationPercent: 42,
      },
      {
        id: 'amd1',
        name: 'Navi 31 [Radeon Pro W7700]',
        uuid: null,
        totalBytes: 16_368 * MIB,
        observedBytes: null,
        temperatureC: 44,
        powerW: 20,
        powerLimitW: null,
        utilisationPercent: null,
      },
    ]);
  });

  test('of ROCm 7 puts it under gpu_data', () => {
    expect(read('amd-smi-7')).toMatchObject([
      { name: 'AMD Radeon RX 7800 XT', uuid: 'GPU-00000000001a2b3c', temperatureC: 37, powerLimitW: 212 },
    ]);
  });

  test('what lists no cards is an error', () => {
    expect(() => parseAmdCards('{"error": 1}')).toThrow('amd-smi: its answer lists no cards');
  });
});

describe('an Apple chip', () => {
  const m2 = (limit: string, memory = String(64 * GIB)) =>
    parseAppleGpu({ profile: recorded('system_profiler.m2-max.json'), memory, limit });

  test('may hold its share of the host memory for models', () => {
    expect(m2('0\n')).toMatchObject([
      { id: 'apple0', kind: 'apple', name: 'Apple M2 Max', totalBytes: 48 * GIB, backendNames: ['MTL0'] },
    ]);
    expect(m2('', String(36 * GIB))).toMatchObject([{ totalBytes: 24 * GIB }]);
    expect(m2('57344')).toMatchObject([{ totalBytes: 56 * GIB }]);
  });

  test('is not in every Mac', () => {
    expect(parseAppleGpu({ profile: recorded('system_profiler.intel.json'), memory: '1', limit: '' })).toEqual([]);
  });
});

describe('llama-server --list-devices', () => {
  const namesIn = (file: string) =>
    parseDeviceList(recorded(file)).map(({ name, backend, totalBytes }) => [name, backend, totalBytes / MIB]);

  test('is read behind its mark, whatever stands before', () => {
    expect(namesIn('llama-list.cuda.txt')).toEqual([
      ['CUDA0', 'cuda', 11_909],
      ['CUDA1', 'cuda', 24_026],
    ]);
  });

  test('a name may hold parentheses, and a card of software is none', () => {
    expect(parseDeviceList(recorded('llama-list.vulkan.txt'))).toMatchObject([
      { name: 'Vulkan0', description: 'AMD Radeon RX 7900 XTX (RADV NAVI31)' },
      { name: 'Vulkan1', description: 'Intel(R) Arc(tm) A770 Graphics (DG2)' },
    ]);
  });

  test('rows may stand behind a dash', () => {
    expect(namesIn('llama-list.dash.txt')).toEqual([
      ['Vulkan0', 'vulkan', 6144],
      ['CUDA0', 'cuda', 5919],
    ]);
  });

  test('Metal has two names; what no config can name is left out', () => {
    expect(namesIn('llama-list.metal.txt')).toEqual([['MTL0', 'metal', 49_152]]);
    expect(namesIn('llama-list.rpc.txt')).toEqual([['CUDA0', 'cuda', 24_135]]);
  });

  test('none, or no list at all, is no device', () => {
    expect(namesIn('llama-list.none.txt')).toEqual([]);
    expect(parseDeviceList('error while loading shared libraries: libcuda.so.1')).toEqual([]);
  });
});
