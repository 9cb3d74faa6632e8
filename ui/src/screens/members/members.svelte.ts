import {
  call,
  type ExportState,
  type ExportWhat,
  type Failure,
  failureOf,
  type LabelView,
  type MemberRow,
  type MemberRows,
  type MembersSort,
  oneAtATime,
} from "../../api";
import { ANY, askedOf, type FilterName, type Filters, NO_FILTERS, setFilters } from "./filters";

/** Rows that are asked for together: a few screens full, and still a short answer. */
export const PAGE = 100;
/** So many pages are kept at most: enough to walk back and forth, and little memory however long the table is. */
const MOST_PAGES = 20;

const NOTHING: ExportState = {
  stage: "idle",
  what: "members",
  done: 0,
  total: 0,
  path: "",
  rows: 0,
  problem: null,
};

/** The table of all members: what narrows it, how it is sorted, and the pages of it that are here. */
export class Members {
  typed = $state("");
  filters = $state.raw<Filters>(NO_FILTERS);
  sort = $state<MembersSort>("name");
  isDescending = $state(false);
  /** How many the filters let through; nothing before the first answer. */
  total = $state<number | null>(null);
  /** The row that Enter opens. */
  active = $state(0);
  /** Counts how often the active row was moved and must be brought into sight. */
  moves = $state(0);
  /** What is shown is the answer to an older question. */
  isBehind = $state(false);
  failure = $state.raw<Failure | null>(null);
  labels = $state.raw<LabelView[]>([]);
  exporting = $state.raw<ExportState>(NOTHING);
  exportFailure = $state.raw<Failure | null>(null);
  /** How far the table is scrolled, for whoever comes back to it. */
  scrolledTo = 0;

  #pages = $state.raw<ReadonlyMap<number, MemberRow[]>>(new Map());
  /** Pages that answer the question as it is now. */
  #fresh = new Set<number>();
  #question = 0;
  /** The next answer is to other filters: what was shown before has no place beside it. */
  #isOther = true;
  #isAsking = false;
  #firstPage = 0;
  #lastPage = 0;
  #whenOnlyOne: ((id: string) => void) | null = null;

  /** A row, where its page is here. */
  row(index: number): MemberRow | null {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }

  get isNarrowed(): boolean {
    return this.typed.trim() !== "" || this.set.length > 0;
  }

  get set(): FilterName[] {
    return setFilters(this.filters);
  }

  type(typed: string): void {
    this.typed = typed;
    this.#askOther();
  }

  choose(name: FilterName, value: string): void {
    this.filters = { ...this.filters, [name]: value };
    this.#askOther();
  }

  remove(name: FilterName): void {
    this.choose(name, ANY);
  }

  clear(): void {
    this.typed = "";
    this.filters = NO_FILTERS;
    this.#askOther();
  }

  /** By another column; the same one again turns the order round. */
  sortBy(sort: MembersSort): void {
    this.order(sort, this.sort === sort ? !this.isDescending : startsDescending(sort));
  }

  order(sort: MembersSort, isDescending: boolean): void {
    this.sort = sort;
    this.isDescending = isDescending;
    this.#askOther();
  }

  /** Up or down, and no further than the ends. */
  step(by: number): void {
    this.go(this.active + by);
  }

  go(row: number): void {
    const last = Math.max((this.total ?? 0) - 1, 0);
    this.active = Math.min(Math.max(row, 0), last);
    this.moves += 1;
  }

  /** Enter: the active one; where an answer is still on its way, the only one that it brings. */
  enter(open: (id: string) => void): void {
    if (this.isBehind) {
      this.#whenOnlyOne = open;
      return;
    }
    const row = this.row(this.active);
    if (row) open(row.id);
  }

  /** These rows are in sight: what is missing of them is asked for. */
  see(first: number, last: number): void {
    this.#firstPage = Math.floor(first / PAGE);
    this.#lastPage = Math.floor(Math.max(last - 1, first) / PAGE);
    if (this.failure === null) void this.#askMissing();
  }

  /** Something changed: the same question once more. What is shown stays until it is answered. */
  refresh(): void {
    this.#question += 1;
    this.#fresh.clear();
    this.failure = null;
    void this.#askMissing();
    void this.#askLabels();
  }

  readonly askExport = oneAtATime(() => this.#learnExport(() => call("export_state", {})));

  get isExporting(): boolean {
    return this.exporting.stage === "writing";
  }

  async export(what: ExportWhat): Promise<void> {
    if (!this.isExporting) await this.#doExport(() => call("export", { what }));
  }

  async stopExport(): Promise<void> {
    await this.#doExport(() => call("stop_export", {}));
  }

  async #doExport(question: () => Promise<ExportState>): Promise<void> {
    await this.#learnExport(question);
    // While that was on its way the core may have got further.
    if (this.exportFailure === null) this.askExport();
  }

  async #learnExport(question: () => Promise<ExportState>): Promise<void> {
    try {
      this.exporting = await question();
      this.exportFailure = this.exporting.problem;
    } catch (thrown) {
      this.exporting = NOTHING;
      this.exportFailure = failureOf(thrown);
    }
  }

  #askOther(): void {
    this.#question += 1;
    this.#fresh.clear();
    this.#isOther = true;
    this.isBehind = true;
    this.#whenOnlyOne = null;
    this.failure = null;
    void this.#askMissing();
  }

  /** One question at a time: while somebody scrolls or types, only what is wanted by then is asked next. */
  async #askMissing(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      for (let page = this.#missing(); page !== null; page = this.#missing()) await this.#askPage(page);
    } finally {
      this.#isAsking = false;
    }
  }

  /** First what is in sight, then the page after and the one before. */
  #missing(): number | null {
    if (this.failure) return null;
    if (this.#isOther) return 0;
    const wanted = [];
    for (let page = this.#firstPage; page <= this.#lastPage; page += 1) wanted.push(page);
    wanted.push(this.#lastPage + 1, this.#firstPage - 1);
    const pages = Math.max(Math.ceil((this.total ?? 0) / PAGE), 1);
    return wanted.find((page) => page >= 0 && page < pages && !this.#fresh.has(page)) ?? null;
  }

  async #askPage(page: number): Promise<void> {
    const question = this.#question;
    const { sort, isDescending: descending } = this;
    const asked = {
      ...askedOf(this.typed, this.filters),
      sort,
      descending,
      offset: page * PAGE,
      limit: PAGE,
    };
    try {
      const answer = await call("list_members", asked);
      if (question === this.#question) this.#take(page, answer);
    } catch (thrown) {
      if (question !== this.#question) return;
      this.failure = failureOf(thrown);
      this.isBehind = false;
    }
  }

  #take(page: number, { rows, total }: MemberRows): void {
    this.#keep(page, rows, this.#isOther ? new Map() : new Map(this.#pages));
    this.total = total;
    if (this.#isOther) this.#begin();
    else if (this.active >= total) this.active = Math.max(total - 1, 0);
    const [only] = rows;
    if (total === 1 && only) this.#whenOnlyOne?.(only.id);
    this.#whenOnlyOne = null;
  }

  #begin(): void {
    this.#isOther = false;
    this.isBehind = false;
    this.#firstPage = 0;
    this.#lastPage = 0;
    this.go(0);
  }

  /** The pages that were there longest go first. */
  #keep(page: number, rows: MemberRow[], pages: Map<number, MemberRow[]>): void {
    this.#fresh.add(page);
    pages.delete(page);
    pages.set(page, rows);
    for (const old of [...pages.keys()].slice(0, Math.max(pages.size - MOST_PAGES, 0))) {
      pages.delete(old);
      this.#fresh.delete(old);
    }
    this.#pages = pages;
  }

  async #askLabels(): Promise<void> {
    try {
      this.labels = (await call("labels", {})).labels;
    } catch {
      // Without them the table can be narrowed by everything else, and the next change asks again.
    }
  }
}

/** Names from A; whoever came last, and whoever has most, first. */
function startsDescending(sort: MembersSort): boolean {
  return sort !== "name";
}
