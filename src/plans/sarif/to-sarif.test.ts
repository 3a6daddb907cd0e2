import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

import { lintPlan } from '../lint/lint-plan.ts';
import { parsePlan } from '../parse/parse-plan.ts';
import { toSarif } from './to-sarif.ts';

const positive = { type: 'integer', minimum: 1 };
const text = { type: 'string' };
const message = { type: 'object', required: ['text'], properties: { text }, additionalProperties: false };
const level = { enum: ['none', 'note', 'warning', 'error'] };

/** What SARIF 2.1.0 says of the parts that are used here; everything else it would have to be told of. */
const SARIF = {
  type: 'object',
  required: ['version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', pattern: '^https?://' },
    version: { const: '2.1.0' },
    runs: { type: 'array', items: { $ref: '#/$defs/run' } },
  },
  $defs: {
    run: {
      type: 'object',
      required: ['tool'],
      additionalProperties: false,
      properties: {
        tool: {
          type: 'object',
          required: ['driver'],
          additionalProperties: false,
          properties: {
            driver: {
              type: 'object',
              required: ['name'],
              additionalProperties: false,
              properties: {
                name: text,
                version: text,
                rules: {
                  type: 'array',
                  uniqueItems: true,
                  items: {
                    type: 'object',
                    required: ['id'],
                    additionalProperties: false,
                    properties: {
                      id: text,
                      defaultConfiguration: {
                        type: 'object',
                        properties: { level },
                        additionalProperties: false,
                      },
                    },
                  },
                },
              },
            },
          },
        },
        columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
        results: {
          type: 'array',
          items: {
            type: 'object',
            required: ['message'],
            additionalProperties: false,
            properties: {
              ruleId: text,
              ruleIndex: { type: 'integer', minimum: -1 },
              level,
              message,
              locations: { type: 'array', uniqueItems: true, items: { $ref: '#/$defs/location' } },
            },
          },
        },
      },
    },
    location: {
      type: 'object',
      additionalProperties: false,
      properties: {
        physicalLocation: {
          type: 'object',
          required: ['artifactLocation'],
          additionalProperties: false,
          properties: {
            artifactLocation: { type: 'object', properties: { uri: text }, additionalProperties: false },
            region: {
              type: 'object',
              additionalProperties: false,
              properties: { startLine: positive, startColumn: positive, endLine: positive, endColumn: positive },
            },
          },
        },
      },
    },
  },
};

const validate = new Ajv2020({ strict: true }).compile(SARIF);

function sarifOf(plan: string) {
  const diagnostics = lintPlan(parsePlan({ file: 'my plans/#1 ü/plan.md', text: plan }));
  return { diagnostics, log: toSarif({ diagnostics, version: '0.1.0' }) };
}

test('findings become results with rule, level, place and help', () => {
  const { diagnostics, log } = sarifOf(
    '# Plan: x\n## Tasks\n### a\n- **comand**: true\n- executor: worker\n- **x**: y\n',
  );

  expect(validate(log) || validate.errors).toBe(true);
  const [run] = log.runs;
  expect(run?.results).toHaveLength(diagnostics.length);
  expect(run?.results.map(({ ruleId, ruleIndex }) => run.tool.driver.rules[ruleIndex]?.id === ruleId)).not.toContain(
    false,
  );
  expect(run?.results.find(({ ruleId }) => ruleId === 'P005')).toMatchObject({
    level: 'error',
    message: { text: expect.stringContaining('did you mean "command"') as string },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'my%20plans/%231%20%C3%BC/plan.md' },
          region: { startLine: 4, startColumn: 5, endColumn: 11 },
        },
      },
    ],
  });
});

test('a plan without findings is a log without results', () => {
  const { log } = sarifOf(
    '---\ntimeout: 1m\n---\n# Plan: x\n## Tasks\n### a\n- **task_class**: cpu\n- **command**: `true`\n',
  );

  expect(validate(log) || validate.errors).toBe(true);
  expect(log.runs[0]?.results).toEqual([]);
});
