import { expect, test } from 'vitest';

import { plainTurns } from './turns.ts';

const said = (role: string, content: unknown) => ({ role, content });

test('what the system says at the beginning is one message', () => {
  const turns = plainTurns([said('system', 'Be brief.'), said('system', 'Read only.'), said('user', 'hello')]);

  expect(turns).toEqual([said('system', 'Be brief.\n\nRead only.'), said('user', 'hello')]);
});

test('what the system says later is a part of the turn of the user in which it stands', () => {
  const turns = plainTurns([
    said('user', 'hello'),
    said('system', 'There are two agents.'),
    said('assistant', 'hi'),
    said('system', 'One has left.'),
    said('user', 'And now?'),
  ]);

  expect(turns).toEqual([
    said('user', 'hello\n\n<system-reminder>\nThere are two agents.\n</system-reminder>'),
    said('assistant', 'hi'),
    said('user', '<system-reminder>\nOne has left.\n</system-reminder>\n\nAnd now?'),
  ]);
});

test('a picture stays where it is among the words of its turn', () => {
  const picture = { type: 'image_url', image_url: { url: 'data:' } };

  const turns = plainTurns([said('user', [picture]), said('user', 'What is it?')]);

  expect(turns).toEqual([said('user', [picture, { type: 'text', text: 'What is it?' }])]);
});

test('results of tools are turns of their own', () => {
  const turns = [said('assistant', ''), said('tool', 'one'), said('tool', 'two'), said('user', 'go on')];

  expect(plainTurns(turns)).toEqual(turns);
});
