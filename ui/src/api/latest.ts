/**
 * Lets only the answer to the latest question through. Questions are asked while somebody types, and the answer to
 * an older one may come after the answer to a newer one; it must not take its place.
 */
export class Latest {
  #asked = 0;

  /** The answer, or `null` where a newer question was asked meanwhile. A failure of an older one is nothing either. */
  async of<T>(question: Promise<T>): Promise<T | null> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const answer = await question;
      return mine === this.#asked ? answer : null;
    } catch (thrown) {
      if (mine === this.#asked) throw thrown;
      return null;
    }
  }

  /** Whatever is still under way will not be let through any more. */
  forget(): void {
    this.#asked += 1;
  }
}
