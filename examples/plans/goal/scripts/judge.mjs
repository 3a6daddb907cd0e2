// Accepts prime numbers: exit 0. Any other is rejected with exit code 3, which the plan declares final, so that nobody
// tries it again.
// Usage: node judge.mjs FILE
import { readFileSync } from 'node:fs';

const { number } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (let divisor = 2; divisor * divisor <= number; divisor += 1) {
  if (number % divisor !== 0) continue;
  console.error(`${number} is ${divisor} times ${number / divisor}`);
  process.exit(3);
}
console.log(`${number} is prime`);
