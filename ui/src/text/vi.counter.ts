// Quầy: ô tìm và các câu trả lời.

import type { PullProgress } from "../api";
import type { Text } from "./en";
import { at, forms, list, moment, spokenCount } from "./vi.forms";

const fetched = ({ done, total }: PullProgress) =>
  total > 0
    ? `Đã tải ${forms.count(done)} trên ${forms.count(total)} hội viên`
    : `Đã tải ${forms.count(done)} hội viên`;

export const counter: Text["counter"] = {
  search: {
    label: "Số điện thoại",
    hint: "Viết cách nào cũng được. Chỉ cần 4 số cuối.",
    hintForLists: "↑ ↓ để chọn, Enter để mở.",
    keys: "Bàn phím",
    deleteDigit: "Xóa số cuối",
    find: "Tìm",
    served: "Vừa phục vụ",
  },
  start: {
    heading: "Mời khách tiếp theo",
    lead: "Nhập số điện thoại của hội viên, hoặc 4 số cuối.",
    how: "Cách dùng",
    rows: [
      { keys: "Cả số điện thoại", does: "hội viên tự mở ra." },
      { keys: "Các số cuối", does: "hiện danh sách phù hợp: ↑ ↓ để chọn, Enter để mở." },
      { keys: "F2", does: "thêm hội viên mới." },
      { keys: "Esc", does: "xóa màn hình để đón khách sau." },
    ],
  },
  tooShort: { heading: "Nhập thêm", lead: "Từ 4 số trở lên, danh sách hội viên hiện ở đây." },
  failed: { heading: "Chưa tìm được", again: "Thử lại" },
  pull: fetched,
  hits: {
    share: (count, query) =>
      count === 1 ? `1 hội viên có số ${query}` : `${forms.count(count)} hội viên dùng chung số ${query}`,
    match: (count, query) => `${forms.count(count)} hội viên khớp với ${query}`,
    leadForShared: "Hỏi tên khách rồi chọn.",
    leadForMatches: "Chọn, hoặc nhập thêm số.",
    first: (shown, total) =>
      `Đây là ${forms.count(shown)} người đầu trong ${forms.count(total)}. Nhập thêm số để danh sách ngắn lại.`,
    name: "Hội viên có số này",
    open: (name) => `Mở ${name}`,
    newMember: "Không phải ai ở đây: hội viên mới",
    say: (count) => `Số này có ${spokenCount(count).toLowerCase()} người dùng. Anh/chị cho em xin tên ạ?`,
    balances: (asOf) => `Số dư ${at(asOf)}.`,
    about: ({ birth_year, member_since }) => {
      const since = member_since?.slice(0, 4);
      return [birth_year && `sinh năm ${birth_year}`, since && `hội viên từ ${since}`]
        .filter(Boolean)
        .join(", ");
    },
    phone: "Điện thoại",
    at: "Hội viên ở",
    ending: (ending) => `…${ending}`,
  },
  elsewhere: {
    heading: (locations) => `Hội viên ở ${list(locations)}, chưa có ở đây.`,
    headingForSeveral: (count) => `${forms.count(count)} hội viên, chưa ai có ở đây.`,
    lead: "Nhận vào thì khách cũng là hội viên của cửa hàng này. Ở cửa hàng kia không có gì thay đổi.",
    takeIn: (shop) => `Nhận vào ${shop}`,
    say: (locations, shop) =>
      `Anh/chị đã là hội viên ở ${list(locations)}. Em thêm anh/chị vào ${shop} luôn nhé?`,
    newMember: "Người khác: hội viên mới",
  },
  notInCopy: {
    heading: (asOf) => `Không có trong bản lưu của quầy này${asOf ? ` tính đến ${moment(asOf)}` : ""}.`,
    headingAlone: "Ở đây không có hội viên nào mang số này.",
    lead: {
      offline: "Không liên lạc được với trụ sở.",
      connecting: "Trụ sở chưa trả lời.",
      online: "Đang kết nối với trụ sở. Thông tin vừa thay đổi có thể chưa về đến đây.",
      none: "Quầy này hoạt động riêng, không có trụ sở.",
    },
    leadForFirstPull: (pull) => `Đang tải danh sách hội viên. ${fetched(pull)}.`,
    explained: (query, asOf) =>
      `${query} có thể là hội viên mới tham gia hoặc đổi số ${asOf ? `sau ${moment(asOf)}` : "gần đây"}, hoặc thuộc cửa hàng mà quầy này không lưu.`,
    explainedAlone: (query) => `${query} có thể đang lưu dưới một số khác, hoặc là khách mới.`,
    say: {
      cutOff:
        "Lúc này em chưa xem được thông tin của anh/chị. Em thử số khác nhé? Số dư của anh/chị vẫn an toàn ạ.",
      connected: "Em không thấy số này. Anh/chị cho em thử số khác, hay để em đăng ký mới ạ?",
    },
    newMember: (query) => `Hội viên mới với số ${query}`,
    newMemberPlain: "Hội viên mới",
    ask: "Hỏi lại trụ sở",
    works: "Việc làm được ngay, và việc phải chờ",
    rows: [
      { what: "Số khác", does: "Tìm lại: có thể đang lưu số điện thoại cũ." },
      { what: "Hội viên mới", does: "Lưu ngay tại đây. Nếu khách đã là hội viên, số dư không mất." },
      { what: "Số dư của khách", does: "Hiện ra khi trụ sở gửi về." },
    ],
  },
};
