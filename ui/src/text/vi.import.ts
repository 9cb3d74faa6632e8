// Nhập hội viên từ bảng tính: tệp, các cột, bước kiểm tra trước khi ghi, và hoàn tác.

import type { Text } from "./en";
import { forms, list, moment } from "./vi.forms";
import { importFields } from "./vi.import-fields";

const BETWEEN: Record<string, string> = {
  ",": "dấu phẩy",
  ";": "dấu chấm phẩy",
  "\t": "tab",
  "|": "gạch đứng",
};
const rows = (count: number) => `${forms.count(count)} dòng`;

export const imports: Text["imports"] = {
  heading: "Nhập hội viên từ bảng tính",
  lead: "Chưa có gì được ghi cho đến khi bạn xem trước kết quả.",
  back: "Về danh sách hội viên",
  file: {
    heading: "1. Tệp",
    choose: "Chọn tệp",
    another: "Chọn tệp khác",
    drop: "Tệp CSV, hoặc thả tệp vào đây. Dòng đầu là tên các cột.",
    label: "Tệp bảng tính",
    reading: "Đang đọc tệp",
    facts: ({ rows: count, encoding, separator }) => {
      const between = BETWEEN[separator] ?? separator;
      return `${rows(count)}, các cột cách nhau bằng ${between}, ${encoding}`;
    },
  },
  columns: {
    heading: "2. Mỗi cột là gì",
    lead: "Đoán theo tên cột. Mỗi trường chỉ dùng một lần.",
    column: "Cột",
    samples: "Trong tệp",
    field: "Trở thành",
    fieldOf: (column) => `Cột ${column} trở thành`,
    unused: "Bỏ qua",
    usedBy: (field, column) => `${field} (đang là ${column})`,
    noName: "Chưa có cột nào là tên. Hãy cho biết cột nào: không có tên thì không nhận được ai.",
    noPhone: "Chưa có cột nào là điện thoại. Ở quầy, hội viên được tìm bằng điện thoại.",
  },
  fields: importFields,
  total: {
    heading: "3. Kiểm tra",
    label: "Tổng số dư đầu kỳ theo bạn",
    hint: "Để trống nếu tệp không có số dư, hoặc chưa biết tổng.",
    check: "Kiểm tra tệp",
    checkAgain: "Kiểm tra lại",
    changed: "Đã có thay đổi sau lần kiểm tra. Hãy kiểm tra lại trước khi nhận vào.",
  },
  checking: (done, total) => `Đang kiểm tra: ${forms.count(done)} trên ${rows(total)}`,
  taking: (done, total) => `Đang nhận vào: ${forms.count(done)} trên ${rows(total)}`,
  undoing: (done, total) => `Đang hoàn tác: ${forms.count(done)} trên ${forms.count(total)} hội viên`,
  cancel: "Dừng",
  report: {
    checked: "4. Kết quả nếu nhận vào",
    taken: "Đã xong",
    cancelled: "Đã dừng",
    undone: "Đã hoàn tác",
    failed: "Chưa làm được",
    stoppedLead: "Những gì đã vào thì vẫn còn. Có thể hoàn tác cả đợt.",
    undoneLead:
      "Những gì đã vào cùng tệp này đã được rút lại. Hội viên đã dùng hoặc nạp số dư từ đó vẫn giữ nguyên.",
    checkStopped: "Đã dừng kiểm tra. Chưa có gì được ghi.",
    rows: "Kết quả của các dòng",
    new: "Hội viên mới",
    updated: "Được cập nhật",
    unchanged: "Đã giống sẵn",
    twins: "Trong đó có thể đã có ở đây",
    errors: "Không nhận vào được",
    total: "Số dư đầu kỳ",
    expected: "Theo bạn",
    agrees: "Tổng khớp với con số bạn đã nhập.",
    differs: "Tổng khác với con số bạn đã nhập.",
    lost: "Hãy chọn lại tệp để tiếp tục: cửa sổ này đã đóng từ lúc đó.",
  },
  summary: ({ new: added, updated, errors }) => {
    const parts = [`${forms.count(added)} mới`, `${forms.count(updated)} được cập nhật`];
    if (errors > 0) parts.push(`${rows(errors)} không nhận vào được`);
    return list(parts);
  },
  notes: {
    heading: "Các dòng cần xem",
    first: (shown, total) => `${forms.count(shown)} dòng đầu trong ${forms.count(total)}.`,
    row: "Dòng",
    name: "Tên",
    why: "Vấn đề",
  },
  take: "Nhận vào",
  takeAllTheSame: "Vẫn nhận vào dù tổng khác nhau",
  undo: {
    open: "Hoàn tác lần nhập này…",
    short: "Hoàn tác…",
    heading: (file) => `Hoàn tác lần nhập ${file}?`,
    lead: (members, total) =>
      total.minor !== 0
        ? `${forms.count(members)} hội viên và ${forms.money(total)} số dư đầu kỳ sẽ được rút lại.`
        : `${forms.count(members)} hội viên sẽ được rút lại.`,
    stays: "Hội viên đã dùng hoặc nạp số dư từ đó đến nay vẫn giữ nguyên.",
    yes: "Hoàn tác",
    no: "Giữ lại",
  },
  batches: {
    heading: "Các lần nhập trước",
    at: "Lúc",
    file: "Tệp",
    members: "Hội viên",
    total: "Số dư đầu kỳ",
    state: "Tình trạng",
    isIn: "Đã vào",
    isUndone: "Đã hoàn tác",
    when: ({ at }) => moment(at),
    undo: ({ file_name }) => `Hoàn tác lần nhập ${file_name}`,
  },
};
