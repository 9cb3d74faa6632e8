import type { ChangeState, WaitingChange } from "../../api";
import { text } from "../../text";

/** "Top-up, cash +350,000 ₫" */
export function changeWords({ what, amount }: WaitingChange): string {
  const { sync } = text();
  return amount ? `${sync.what(what)} ${sync.amount(amount)}` : sync.what(what);
}

/** Beyond that somebody looks at a clock, not at a countdown. */
const LONGEST_COUNTDOWN_S = 120;

export function stateWords(state: ChangeState, now: number): string {
  const { states } = text().sync;
  switch (state.state) {
    case "waiting":
    case "sending":
    case "unanswered":
    case "needs_you":
      return states[state.state];
    case "after":
      return states.after(state.made_at);
    case "next_try": {
      const seconds = Math.ceil((Date.parse(state.at) - now) / 1000);
      return seconds > LONGEST_COUNTDOWN_S ? states.atTime(state.at) : states.inSeconds(Math.max(seconds, 0));
    }
  }
}
