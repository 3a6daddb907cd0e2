/** Reads the text that Prometheus reads: what is declared, and the samples with their labels. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** Name to type, as declared. */
  readonly declared: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  /** The values of the samples with these labels at least. */
  values(name: string, labels?: Readonly<Record<string, string>>): readonly number[];
}

/** Throws for a line that is none of the format. */
export function readExposition(text: string): Exposition {
  const lines = text.split('\n').filter((line) => line !== '');
  const declared = new Map<string, string>();
  for (const line of lines) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) declared.set(name, type);
  }
  const samples = lines.filter((line) => !line.startsWith('#')).map(readSample);
  return {
    declared,
    samples,
    values: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name && Object.entries(labels).every(([k, v]) => sample.labels[k] === v))
        .map(({ value }) => value),
  };
}

function readSample(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
  const read = value === '+Inf' ? Infinity : Number(value);
  return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: read };
}
