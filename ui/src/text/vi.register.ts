// Hội viên mới, những gì hội viên đồng ý, và ai có thể là cùng một người.

import type { TwinSign } from "../api";
import type { Text } from "./en";
import { forms, list, moment } from "./vi.forms";

export const register: Text["register"] = {
  heading: "Hội viên mới",
  lead: "Chỉ cần số điện thoại và tên. Các phần khác có thể thêm sau.",
  phone: "Điện thoại, cần có",
  phoneRead: (display) => `Theo số đã nhập. ${display}`,
  phoneKept: "Giữ nguyên như đã nhập.",
  phoneHint: "Viết cách nào cũng được.",
  name: "Tên, cần có",
  nameHint: "Như hội viên viết.",
  email: "Email",
  birthday: "Ngày sinh",
  birthdayExample: "ngày tháng",
  card: "Thẻ",
  cardExample: "quét hoặc gõ",
  note: "Ghi chú cho quầy",
  noteHint: "Hiện mỗi khi mở hội viên này.",
  more: "Thêm thông tin",
  moreHint: "Công ty, địa chỉ, mức giảm giá, các số",
  save: "Lưu hội viên mới",
  back: "Quay lại",
  leave: "Thoát mà không lưu?",
  leaveYes: "Thoát",
  leaveNo: "Ở lại",
};

export const cardCheck: Text["cardCheck"] = {
  free: "Chưa có ai dùng.",
  scannedAt: (instant) => `Quét lúc ${forms.time(instant)}, chưa có ai dùng.`,
  madeFree: "Vừa tạo tại đây, chưa có ai dùng.",
  inUseBy: (name) => `Đây là thẻ của ${name}. Hãy lấy thẻ khác.`,
  isTheirs: "Hội viên đã có thẻ này rồi.",
};

const PURPOSES = {
  receipts: "Hóa đơn và số dư",
  offers: "Ưu đãi và tin mới",
  birthday: "Chúc mừng sinh nhật",
};
const CHANNELS = { sms: "SMS", email: "Email", zalo: "Zalo", call: "Gọi điện" };
const SOURCES: Record<string, string> = { counter: "tại quầy", paper: "trên giấy", import: "từ danh sách" };

export const consents: Text["consents"] = {
  heading: "Hội viên đồng ý nhận gì, và bằng cách nào",
  purpose: "Nội dung",
  purposes: PURPOSES,
  channels: CHANNELS,
  named: (purpose, channel) =>
    `${(PURPOSES as Record<string, string>)[purpose] ?? purpose} qua ${(CHANNELS as Record<string, string>)[channel] ?? channel}`,
  none: "Chưa đồng ý gì",
  said: ({ isGiven, at, source }) => {
    const what = isGiven ? "Có" : "Không";
    const when = at ? `, ${forms.date(at)}` : "";
    return `${what}${when}${source ? `, ${SOURCES[source] ?? source}` : ""}`;
  },
};

const SIGNS: Record<TwinSign, string> = {
  same_phone: "cùng số điện thoại",
  near_phone: "số điện thoại gần giống",
  same_card: "cùng thẻ",
  same_email: "cùng email",
  same_name: "cùng tên",
  near_name: "tên gần giống",
  same_birthday: "cùng ngày sinh",
};

export const twins: Text["twins"] = {
  heading: (count) => `${forms.count(count)} người có thể là cùng một người`,
  foundAsOf: (asOf) => `Tìm thấy trong lúc gõ, theo bản lưu của quầy này tính đến ${moment(asOf)}.`,
  found: "Tìm thấy trong lúc gõ, ở quầy này.",
  use: "Dùng người này",
  none: "Người mới, không phải ai ở đây",
  isNew: "Được coi là người mới.",
  look: "Xem lại",
  signs: SIGNS,
  lastDigitsSwapped: "hai số cuối bị đảo",
  digitsSwapped: "hai số bị đảo",
  lastDigitDiffers: "khác số cuối",
  digitDiffers: "khác một số",
  nameWithoutMarks: "cùng tên nhưng không dấu",
  nameInAnotherOrder: "cùng tên nhưng khác thứ tự",
  lastVisit: ({ on, location }) => `đến lần cuối ${forms.day(on)}, ${location}`,
  noVisit: "chưa đến lần nào",
  elsewhere: (locations) => `hội viên ở ${list(locations)}`,
};
