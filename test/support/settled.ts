/** Waits for a number that comes to rest of itself: bytes that nobody takes, pieces that nobody asks for. */

const LOOK_MS = 20;
const SAME_LOOKS = 10;

/** Resolves when it has not changed for a while; the test's own timeout bounds it. */
export async function settled(read: () => number): Promise<void> {
  for (let before = -1, same = 0; same < SAME_LOOKS; before = read()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    same = read() === before ? same + 1 : 0;
  }
}
