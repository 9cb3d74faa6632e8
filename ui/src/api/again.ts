/**
 * Asks again when something changed, one question at a time: changes that come while an answer is under way are
 * answered by one more question afterwards, however many they were.
 */
export function oneAtATime(ask: () => Promise<void>): () => void {
  let isAsking = false;
  let isStale = false;

  async function run(): Promise<void> {
    isAsking = true;
    try {
      do {
        isStale = false;
        await ask();
      } while (isStale);
    } finally {
      isAsking = false;
    }
  }

  return () => {
    isStale = true;
    if (!isAsking) void run();
  };
}
