import {
  call,
  type Failure,
  failureOf,
  type RemoteKind,
  type RemoteSetting,
  type RemoteShop,
  type RemotesView,
  type RemoteView,
} from "../../../api";
import { kindName } from "./words";

/** A member system as far as typed: a new one, or one that is there. Fields are named as the core names them. */
export class Draft {
  kind = $state("");
  name = $state("");
  url = $state("");
  settings = $state<Record<string, string>>({});
  secret = $state("");
  certificate = $state("");
  forgetsCertificate = $state(false);
  mayBePlain = $state(false);
  /** Codes of the shops that strangers come to. */
  membersOf = $state.raw<readonly string[]>([]);
  failure = $state.raw<Failure | null>(null);
  isSaving = $state(false);
  /** It was refused once for not being encrypted, or is not already: the tick for it is shown. */
  asksForPlain = $state(false);

  readonly known: RemoteView | null;
  readonly shops: readonly RemoteShop[];
  readonly #kinds: readonly RemoteKind[];
  readonly #taken: readonly string[];

  constructor(view: RemotesView, known: RemoteView | null) {
    this.known = known;
    this.#kinds = view.kinds;
    this.#taken = view.remotes.map(({ name }) => name);
    this.shops = known ? view.shops.filter(({ remote }) => remote === known.name) : [];
    this.membersOf = this.shops.filter((shop) => shop.takes_strangers).map(({ code }) => code);
    this.choose(known?.kind ?? view.kinds[0]?.kind ?? "");
    if (known) {
      this.name = known.name;
      this.url = known.url;
      this.mayBePlain = known.may_be_plain;
      this.asksForPlain = known.may_be_plain;
      Object.assign(this.settings, known.settings);
    }
  }

  get described(): RemoteKind | null {
    return this.#kinds.find(({ kind }) => kind === this.kind) ?? null;
  }

  /** The settings that belong to what is chosen. */
  get asked(): RemoteSetting[] {
    const all = this.described?.settings ?? [];
    return all.filter(({ only_with }) => !only_with || this.settings[only_with.key] === only_with.value);
  }

  /** Members come whose shop the system does not say, and there is more than one to choose from. */
  get asksForShops(): boolean {
    const can = this.described?.can;
    return this.shops.length > 1 && can !== undefined && can.lists && !can.names_shops;
  }

  choose(kind: string): void {
    const isNamed = this.name !== "" && this.name !== this.#proposed(this.kind);
    this.kind = kind;
    this.failure = null;
    if (!this.known && !isNamed) this.name = this.#proposed(kind);
    const settings = this.described?.settings ?? [];
    this.settings = Object.fromEntries(settings.map(({ key, choices }) => [key, choices[0] ?? ""]));
  }

  set(setting: string, typed: string): void {
    this.settings[setting] = typed;
    this.edited(setting);
  }

  take(shop: string, isTicked: boolean): void {
    const others = this.membersOf.filter((code) => code !== shop);
    this.membersOf = isTicked ? [...others, shop] : others;
    this.edited("members_of");
  }

  /** Somebody is putting it right: what was said about that field is said no more. */
  edited(field: string): void {
    if (this.failure?.field === field) this.failure = null;
  }

  failureAt(field: string): Failure | null {
    return this.failure?.field === field ? this.failure : null;
  }

  /** What is wrong with all of it, rather than with a field that stands here. */
  get otherFailure(): Failure | null {
    const { failure } = this;
    if (!failure) return null;
    const fields = ["kind", "name", "url", "secret", "ca", "members_of", ...this.asked.map(({ key }) => key)];
    return failure.field !== null && fields.includes(failure.field) ? null : failure;
  }

  /** Answers the systems as they are then, or `null` where it was refused. */
  async save(): Promise<RemotesView | null> {
    if (this.isSaving) return null;
    this.isSaving = true;
    this.failure = null;
    try {
      return await call("save_remote", {
        name: this.known?.name ?? this.name,
        is_new: this.known === null,
        new_name: this.known ? this.name : null,
        kind: this.kind,
        url: this.url.trim(),
        settings: Object.fromEntries(this.asked.map(({ key }) => [key, this.settings[key] ?? ""])),
        secret: this.secret.trim() === "" ? null : this.secret.trim(),
        certificate: this.forgetsCertificate ? "" : this.certificate.trim() === "" ? null : this.certificate,
        may_be_plain: this.mayBePlain,
        members_of: this.asksForShops ? [...this.membersOf] : null,
      });
    } catch (thrown) {
      this.failure = failureOf(thrown);
      if (this.failure.code === "plain_http_refused") this.asksForPlain = true;
      return null;
    } finally {
      this.isSaving = false;
    }
  }

  #proposed(kind: string): string {
    const name = kind === "" ? "" : kindName(kind);
    return this.#taken.includes(name) ? "" : name;
  }
}
