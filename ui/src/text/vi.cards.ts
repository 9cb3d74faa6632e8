// Thẻ, và hai hội viên được gộp thành một.

import type { BlockReason, CardState } from "../api";
import type { Text } from "./en";
import { forms, list, moment } from "./vi.forms";

const REASONS: Record<BlockReason, string> = {
  lost: "Bị mất",
  stolen: "Bị lấy cắp",
  damaged: "Bị hỏng",
  other: "Lý do khác",
};

const STATES: Record<CardState, string> = {
  active: "Đang dùng",
  inactive: "Không dùng",
  not_yet_valid: "Chưa đến ngày dùng",
  expired: "Hết hạn",
  blocked: "Đã khóa",
};

/** "Đã khóa (bị mất)"; hệ thống khác có lý do riêng. */
export function blockedWords(reason: string | null): string {
  if (reason === null || reason === "other") return STATES.blocked;
  return `${STATES.blocked} (${(REASONS as Record<string, string>)[reason]?.toLowerCase() ?? reason})`;
}

export const cards: Text["cards"] = {
  heading: "Thẻ",
  do: "Làm gì",
  doing: { issue: "Cấp thẻ", block: "Khóa", replace: "Đổi thẻ", unblock: "Mở khóa", describe: "Sửa" },
  which: "Thẻ nào",
  why: "Vì sao",
  reasons: REASONS,
  reasonOf: blockedWords,
  state: ({ state, status_reason }) => (state === "blocked" ? blockedWords(status_reason) : STATES[state]),
  about: ({ is_virtual, issued_at }) => {
    const kind = is_virtual ? "Thẻ ảo" : "Thẻ nhựa";
    return issued_at ? `${kind}, từ ${forms.date(issued_at)}` : kind;
  },
  validity: ({ valid_from: from, valid_until: until }) => {
    if (from && until) return `dùng được từ ${forms.date(from)} đến ${forms.date(until)}`;
    if (from) return `dùng được từ ${forms.date(from)}`;
    return until ? `dùng được đến ${forms.date(until)}` : null;
  },
  forProcessor: (processor) => `bộ xử lý ${processor}`,
  facts: {
    validFrom: "Dùng được từ ngày",
    validUntil: "Dùng được đến ngày",
    note: "Ghi chú",
    noteHint: "Hiện bên cạnh thẻ ở quầy.",
    processor: "Bộ xử lý",
    processorHint: "Như hệ thống hội viên gọi. Portos: G, P, AW hoặc GW.",
  },
  newCard: "Thẻ mới",
  serialHint: "Quét thẻ, hoặc gõ số.",
  scanOrType: "quét hoặc gõ",
  makeVirtual: "Tạo thẻ ảo",
  virtualHint: "Dùng trong điện thoại: không cần đưa thẻ.",
  notTheirs: (ending) => `Thẻ vừa quét …${ending} không phải của hội viên này.`,
  old: (ending) => `Thẻ cũ …${ending}`,
  one: (ending) => `Thẻ …${ending}`,
  new: (ending) => (ending ? `Thẻ mới …${ending}` : "Thẻ mới"),
  becomes: { plastic: "Đang dùng, thẻ nhựa", virtual: "Đang dùng, thẻ ảo" },
  stays: (count) => `${forms.count(count)} thẻ khác`,
  staysAsItIs: "giữ nguyên",
  stayAsTheyAre: () => "giữ nguyên",
  credit: "Số dư",
  offlineSince: (instant) => (instant ? `Mất kết nối từ ${moment(instant)}` : "Mất kết nối"),
  told: {
    cutOff: "Các quầy khác sẽ biết khi có kết nối.",
    connected: "Các quầy khác biết ngay.",
    alone: "Chỉ có hiệu lực ở quầy này.",
  },
  say: {
    issue: "Đây là thẻ của anh/chị. Từ bây giờ dùng được rồi ạ.",
    issueVirtual: "Đây là số thẻ của anh/chị. Anh/chị lưu trong điện thoại nhé.",
    blockLater: "Thẻ của anh/chị đã khóa ở đây, các nơi khác sẽ khóa ngay khi có kết nối ạ.",
    block: "Thẻ của anh/chị đã khóa. Không ai dùng được nữa ạ.",
    replaceLater: "Thẻ cũ của anh/chị đã khóa ở đây, các nơi khác sẽ khóa ngay khi có kết nối ạ.",
    replace: "Thẻ cũ của anh/chị đã khóa, thẻ mới dùng được rồi. Số dư giữ nguyên ạ.",
    unblock: "Thẻ của anh/chị dùng lại được rồi ạ.",
  },
  save: { issue: "Cấp thẻ", block: "Khóa thẻ", replace: "Đổi thẻ", unblock: "Mở khóa thẻ", describe: "Lưu" },
  back: "Quay lại",
  done: {
    issue: (ending) => `Đã cấp thẻ …${ending}.`,
    block: (ending) => `Đã khóa thẻ …${ending}.`,
    replace: (ending) => `Thẻ …${ending} đã thay thẻ cũ.`,
    unblock: (ending) => `Thẻ …${ending} dùng lại được.`,
    describe: (ending) => `Đã lưu thẻ …${ending}.`,
  },
};

export const merge: Text["merge"] = {
  heading: "Một người có hai hồ sơ",
  loading: "Đang so sánh hai người",
  stays: "Giữ lại",
  goes: "Được gộp vào",
  swap: "Giữ người kia",
  onlyLead: "Chỉ người kia có, nên được lấy thêm:",
  differ: "Cả hai đều có. Nếu bạn không chọn, thông tin của người giữ lại được giữ nguyên:",
  nothing: "không có",
  nothingDiffers: "Không có gì trái nhau.",
  keep: "Giữ nguyên",
  take: "Lấy của người kia",
  cardsAfter: (count) => (count === 0 ? "Không có thẻ" : `${forms.count(count)} thẻ`),
  cards: "Thẻ sau khi gộp",
  balanceOf: (name) => `Số dư của ${name}`,
  balanceAfter: "Số dư sau khi gộp",
  joins: (locations) => `Cũng trở thành hội viên ở ${list(locations)}.`,
  canUndo: "Có thể hoàn tác: khi đó những gì đã lấy thêm được trả lại.",
  told: {
    cutOff: "Lưu tại đây, gửi khi có kết nối.",
    connected: "Lưu tại đây và gửi về trụ sở ngay.",
    alone: "Lưu ở quầy này.",
  },
  save: "Gộp hai người",
  back: "Quay lại",
  done: (name) => `Đã gộp vào ${name}. Có thể hoàn tác.`,
  yes: "có",
  no: "không",
  aPicture: "một ảnh",
  another: "hội viên khác",
  onHold: (reason) => (reason ? `tạm giữ: ${reason}` : "tạm giữ"),
  limit: (limit) => `tối đa ${limit}`,
  days: (count) => `${forms.count(count)} ngày`,
};
