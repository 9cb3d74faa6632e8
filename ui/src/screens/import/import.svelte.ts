import {
  call,
  type Failure,
  failureOf,
  type ImportAsked,
  type ImportBatch,
  type ImportRead,
  type ImportStage,
  type ImportState,
  oneAtATime,
} from "../../api";
import { numberOf } from "../../components/digits";
import { base64Of } from "./base64";

/**
 * A spreadsheet of half a million members is about 40 MB. More than this is no list of members, and it would be in memory
 * several times over before the core could say so.
 */
export const MOST_MB = 50;
const MB = 1_000_000;

const IDLE: ImportState = { stage: "idle", done: 0, total: 0, report: null, problem: null };
const NAMES = ["full_name", "given", "family"];
const RUNNING: readonly ImportStage[] = ["checking", "taking", "undoing"];

/** One spreadsheet on its way in. The core does the work; this knows the file, and what its columns are said to be. */
export class Import {
  file = $state.raw<ImportRead | null>(null);
  /** Field by column. */
  map = $state.raw<Readonly<Record<string, string>>>({});
  /** The total of opening balances that is expected, as digits. */
  expected = $state("");
  state = $state.raw<ImportState>(IDLE);
  batches = $state.raw<ImportBatch[]>([]);
  failure = $state.raw<Failure | null>(null);
  isReading = $state(false);
  /** Counts how often something ended that somebody asked for: its report is what they want next. */
  ends = $state(0);

  /** What the report is about; something may have been changed since. */
  #checked = $state("");
  #isStarting = false;

  readonly ask = oneAtATime(() => this.#ask());

  get isRunning(): boolean {
    return RUNNING.includes(this.state.stage);
  }

  /** Without a name nobody is taken in. */
  get hasName(): boolean {
    return NAMES.some((field) => this.columnOf(field) !== null);
  }

  get hasPhone(): boolean {
    return this.columnOf("phone") !== null;
  }

  /** Whether what would be taken in is what was checked. */
  get isChecked(): boolean {
    return this.state.stage === "checked" && this.file !== null && this.#checked === this.#key;
  }

  /** The column that a field is taken from. */
  columnOf(field: string): string | null {
    return Object.keys(this.map).find((column) => this.map[column] === field) ?? null;
  }

  /** Reads a file, as far as it is no larger than one can be. */
  async read(file: File): Promise<void> {
    if (this.isReading || this.isRunning) return;
    this.failure = null;
    if (file.size > MOST_MB * MB) {
      this.failure = refused("file_too_large", { max_bytes: MOST_MB * MB });
      return;
    }
    this.isReading = true;
    try {
      this.#take(await call("read_import", { file_name: file.name, data: await base64Of(file) }));
    } catch (thrown) {
      this.failure = failureOf(thrown);
    } finally {
      this.isReading = false;
    }
  }

  /** A column is that field from now on, and no other column is it any more. Nothing: it is left out. */
  use(column: string, field: string): void {
    const others = Object.entries(this.map).filter(([name, its]) => name !== column && its !== field);
    this.map = Object.fromEntries(field === "" ? others : [...others, [column, field]]);
  }

  async check(): Promise<void> {
    if (!this.hasName) return;
    const key = this.#key;
    if (await this.#start((asked) => call("check_import", asked))) this.#checked = key;
  }

  async take(): Promise<void> {
    if (this.isChecked) await this.#start((asked) => call("take_import", asked));
  }

  async cancel(): Promise<void> {
    await this.#do(() => call("cancel_import", {}));
  }

  async undo(batch: string): Promise<void> {
    if (this.isRunning) return;
    await this.#do(() => call("undo_import", { batch }));
  }

  async #start(question: (asked: ImportAsked) => Promise<ImportState>): Promise<boolean> {
    const { file, map } = this;
    if (file === null || this.#isStarting || this.isRunning) return false;
    const expect_total_minor = this.expected === "" ? null : numberOf(this.expected);
    this.#isStarting = true;
    try {
      return await this.#do(() =>
        question({ import_id: file.import_id, map: { ...map }, expect_total_minor }),
      );
    } finally {
      this.#isStarting = false;
    }
  }

  async #do(question: () => Promise<ImportState>): Promise<boolean> {
    this.failure = null;
    try {
      this.#learn(await question(), true);
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    } finally {
      // While that was on its way the core may have got further.
      this.ask();
    }
  }

  async #ask(): Promise<void> {
    try {
      this.#learn(await call("import_state", {}), this.isRunning);
      if (!this.isRunning) this.batches = (await call("import_batches", {})).batches;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  #learn(state: ImportState, isAwaited: boolean): void {
    this.state = state;
    if (isAwaited && !this.isRunning) this.ends += 1;
  }

  #take(file: ImportRead): void {
    this.file = file;
    this.state = IDLE;
    this.#checked = "";
    this.map = {};
    for (const { name, field } of file.columns) {
      if (field !== null && this.columnOf(field) === null) this.use(name, field);
    }
  }

  get #key(): string {
    return JSON.stringify([this.file?.import_id, Object.entries(this.map).sort(), this.expected]);
  }
}

function refused(code: string, facts: Failure["facts"]): Failure {
  return { code, message: "", field: "file", facts };
}
