import { onScan, type Scan, type ScannerSettings } from "../../components/scanner";
import { TEST_CODE } from "./code39";
import { GAP_MS } from "./settings.svelte";

/** What the test takes for a scan: anything that any scanner sends, however slow and however it ends. */
const ANY_SCANNER: ScannerSettings = { prefix: "", suffix: "none", max_gap_ms: GAP_MS.max, min_length: 3 };
/** Room above the slowest gap that was seen: a computer that is busy delivers keys late. */
const ROOM = 1.5;
/** Shorter than this no setting needs to be, whatever was measured once. */
const SHORTEST_MS = 20;
const STEP_MS = 5;

/** "Scan this": for as long as it waits, whatever is scanned comes here and does nothing else. */
export class ScanTest {
  isWaiting = $state(false);
  scan = $state.raw<Scan | null>(null);

  #stop: (() => void) | null = null;

  start(): void {
    this.stop();
    this.scan = null;
    this.isWaiting = true;
    this.#stop = onScan(
      (_, scan) => {
        this.scan = scan;
        this.stop();
      },
      () => ANY_SCANNER,
    );
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.isWaiting = false;
  }
}

/** Whether it is what the bars on the screen say, with whatever in front. */
export function saysTestCode({ raw }: Scan): boolean {
  return raw.endsWith(TEST_CODE);
}

/** Settings under which this scan would have been one: those in force as far as they do. */
export function settingsFor(scan: Scan, now: ScannerSettings): ScannerSettings {
  const isFastEnough = scan.longestGapMs <= now.max_gap_ms;
  const needed = Math.ceil((scan.longestGapMs * ROOM) / STEP_MS) * STEP_MS;
  return {
    prefix: saysTestCode(scan) ? scan.raw.slice(0, -TEST_CODE.length) : now.prefix,
    suffix: scan.endedBy === "pause" ? "none" : scan.endedBy,
    max_gap_ms: isFastEnough ? now.max_gap_ms : Math.min(Math.max(needed, SHORTEST_MS), GAP_MS.max),
    min_length: now.min_length,
  };
}

export function fits(scan: Scan, now: ScannerSettings): boolean {
  const better = settingsFor(scan, now);
  return better.prefix === now.prefix && better.suffix === now.suffix && better.max_gap_ms === now.max_gap_ms;
}
