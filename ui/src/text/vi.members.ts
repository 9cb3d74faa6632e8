// Bảng tất cả hội viên: các cột, các bộ lọc bằng lời, và việc ghi ra tệp.

import type { StatusState } from "../api";
import type { Text } from "./en";
import { forms } from "./vi.forms";

const monthName = (month: number) => `tháng ${month}`;

const states: Record<StatusState, string> = {
  active: "Đang dùng",
  not_a_member: "Chưa là hội viên",
  inactive: "Ngừng dùng",
  not_yet_valid: "Chưa hiệu lực",
  expired: "Hết hạn",
  on_hold: "Tạm giữ",
  removed: "Đã xóa",
  merged: "Đã gộp",
};

export const members: Text["members"] = {
  heading: (shop) => `Hội viên của ${shop}`,
  count: (total) => `${forms.count(total)} hội viên`,
  countOf: (total, all) => `${forms.count(total)} trong ${forms.count(all)} hội viên khớp`,
  looking: "Đang xem danh sách hội viên",
  filter: "Tên, điện thoại, thẻ hoặc email",
  hint: "↑ ↓ PgUp PgDn để chọn.",
  table: "Hội viên",
  open: "Mở ở quầy",
  back: "Về quầy",
  clear: "Bỏ các bộ lọc",
  more: "Bộ lọc",
  moreSet: (count) => `Bộ lọc · ${forms.count(count)}`,
  remove: (filter) => `Bỏ bộ lọc: ${filter}`,
  import: "Nhập từ tệp…",
  export: { members: "Xuất hội viên", ledger: "Xuất sổ số dư" },
  exporting: {
    members: (done, total) => `Đang ghi hội viên: ${forms.count(done)} trên ${forms.count(total)}`,
    ledger: (done, total) => `Đang ghi sổ: ${forms.count(done)} trên ${forms.count(total)} hội viên`,
  },
  exportStop: "Dừng",
  exportStopped: "Đã dừng. Chưa ghi tệp nào.",
  exported: {
    members: (rows, path) => `Đã ghi ${forms.count(rows)} hội viên vào ${path}`,
    ledger: (rows, path) => `Đã ghi ${forms.count(rows)} bút toán vào ${path}`,
  },
  none: {
    heading: "Không có hội viên nào khớp",
    lead: "Hãy bỏ bớt một bộ lọc, hoặc gõ ngắn lại.",
    headingAtAll: "Chưa có hội viên nào",
    leadAtAll: "Hãy thêm người đầu tiên ở quầy, hoặc nhập từ bảng tính.",
  },
  failed: { heading: "Chưa hiện được danh sách hội viên", again: "Thử lại" },
  columns: {
    name: "Tên",
    phone: "Điện thoại",
    labels: "Nhãn",
    card: "Thẻ",
    status: "Tình trạng",
    since: "Từ ngày",
    lastVisit: "Lần ghé cuối",
    balance: "Số dư",
    needsYou: "Cần bạn",
  },
  sortedBy: (column) => `Sắp xếp theo ${column}`,
  card: (ending) => `…${ending}`,
  lastVisit: ({ on, location, is_here }) => (is_here ? forms.day(on) : `${forms.day(on)}, ${location}`),
  never: "chưa ghé",
  moreLabels: (labels) => `+${forms.count(labels.length)}`,
  needsYou: "! cần bạn",
  states,
  sort: {
    label: "Sắp xếp theo",
    name: "Tên",
    member_since: "Ngày tham gia",
    last_visit: "Lần ghé cuối",
    balance: "Số dư",
  },
  order: { label: "Thứ tự", up: "Tăng dần", down: "Giảm dần" },
  filters: {
    any: "Tất cả",
    status: {
      label: "Tình trạng",
      active: states.active,
      inactive: states.inactive,
      not_yet_valid: states.not_yet_valid,
      expired: states.expired,
      on_hold: states.on_hold,
    },
    labelled: { label: "Nhãn", is: (name) => `Nhãn ${name}` },
    card: { label: "Thẻ", has_card: "Có thẻ", none: "Không có thẻ", blocked: "Thẻ bị khóa" },
    credit: { label: "Số dư", has_credit: "Còn số dư", none: "Không có số dư", owes: "Đang nợ" },
    birthday: {
      label: "Sinh nhật",
      month: (month) => `Tháng ${month}`,
      is: (month) => `Sinh nhật ${monthName(month)}`,
    },
    notSeen: {
      label: "Vắng mặt",
      since: (months) => (months % 12 === 0 ? `Không ghé ${months / 12} năm` : `Không ghé ${months} tháng`),
    },
    consent: { label: "Đồng ý", yes: "Đồng ý nhận tin", no: "Không nhận tin" },
    waits: { label: "Thay đổi", yes: "Đang chờ gửi", no: "Không có gì chờ" },
    needsYou: { label: "Quyết định", yes: "Cần bạn xử lý", no: "Không cần ai" },
  },
};
