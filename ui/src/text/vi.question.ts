import type { Text } from "./en";
import { edit } from "./vi.edit";
import { at, forms, list, moment } from "./vi.forms";

const names = (fields: string[]): string => list(fields.map((field) => edit.fieldName(field)));

export const question: Text["question"] = {
  headOffice: "Trụ sở",
  heading: (name) => (name ? `Quyết định về ${name}` : "Quyết định"),
  lead: ({ made_at, remote_at, location, fields }, remote) => {
    const where = location ? ` (${location})` : "";
    const when = remote_at ? `tại ${remote} ${at(remote_at)}` : `tại ${remote}`;
    return `Đã sửa ở đây ${at(made_at)} và ${when}${where}. Những gì chỉ một bên sửa đã được gộp. Hãy chọn ${names(fields.map(({ field }) => field))}; giá trị kia vẫn nằm trong lịch sử.`;
  },
  field: "Mục",
  before: "Trước đó",
  till: "Quầy này",
  tillAt: (instant) => `Quầy này, ${moment(instant)}`,
  remoteAt: (remote, instant) => (instant ? `${remote}, ${moment(instant)}` : remote),
  notChosen: "chưa chọn",
  merged: "đã gộp",
  unchanged: "không đổi",
  taken: "được giữ",
  save: "Lưu",
  missing: (fields) => `Còn phải chọn: ${names(fields)}`,
  allTill: "Chọn hết của quầy này",
  allRemote: (remote) => `Chọn hết của ${remote}`,
  more: (count) => `Sau câu này còn ${forms.count(count)} câu hỏi khác.`,
};
