/** The plans that `drover plan new` writes: short, complete, in the canonical form. Pure. */

/** By name; each makes the text of a plan.md from the name of the plan. */
export const PLAN_TEMPLATES: ReadonlyMap<string, (name: string) => string> = new Map([
  ['shell', shellPlan],
  ['llm', modelPlan],
  ['goal', goalPlan],
]);

function shellPlan(name: string): string {
  return `# Plan: ${name}

## Objective
Say in a sentence what shall exist when the plan has run.

## Inputs
- **GREETING** (string, default "hello"): what to say

## Tasks

### list
- **task_class**: cpu
- **timeout**: 1m
- **produces**: results/words.json

\`\`\`bash
mkdir -p results
printf '{"words": [{"id": "one"}, {"id": "two"}]}' > results/words.json
\`\`\`

### say
- **task_class**: cpu
- **depends_on**: list
- **foreach**: results/words.json:words
- **timeout**: 1m
- **command**: \`echo {GREETING} {ITEM.id}\`
`;
}

function modelPlan(name: string): string {
  return `---
timeout: 5m
model: demo
---
# Plan: ${name}

## Objective
Have a model write a sentence about each word, and put them on one page.

## Inputs
- **WORDS** (list, default "river stone wind"): what to write about

## Tasks

### list
- **task_class**: cpu
- **command**: \`printf '%s\\n' {WORDS} | tr ' ' '\\n' | awk 'BEGIN { print "id" } { print $1 }' > results/words.csv\`
- **produces**: results/words.csv

### write
- **type**: generate
- **task_class**: llm
- **depends_on**: list
- **foreach**: results/words.csv
- **max_tokens**: 40
- **produces**: output/{ITEM.id}.txt

~~~prompt
Write one sentence about {ITEM.id}.
~~~

### page
- **task_class**: cpu
- **depends_on**: write
- **command**: \`cat output/*.txt > output/page.txt\`
- **produces**: output/page.txt
`;
}

function goalPlan(name: string): string {
  return `# Plan: ${name}

## Objective
Find as many candidates as are wanted, and try no more of them than that takes.

## Inputs
- **TARGET** (integer, default 3): how many are wanted

## Goal
- **type**: target_count
- **target**: {TARGET}
- **tracked_task**: judge
- **discovery_tasks**: discover
- **max_attempts_multiplier**: 10

## Tasks

### discover
- **task_class**: cpu
- **timeout**: 1m
- **command**: \`(echo id; seq 100 130) > results/candidates.csv\`
- **produces**: results/candidates.csv

### judge
- **task_class**: cpu
- **timeout**: 1m
- **depends_on**: discover
- **foreach**: results/candidates.csv
- **fail_codes**: 1
- **command**: \`test $(({ITEM.id} % 7)) -eq 0\`
`;
}
