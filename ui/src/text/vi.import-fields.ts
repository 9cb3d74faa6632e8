/** Tên của một trường khi nhập, như chủ cửa hàng gọi. */
export const importFields: Record<string, string> = {
  full_name: "Họ và tên",
  given: "Tên",
  family: "Họ",
  phone: "Điện thoại",
  email: "Email",
  birthday: "Ngày sinh",
  card: "Số thẻ",
  opening_balance: "Số dư đầu kỳ",
  label: "Nhãn",
  note: "Ghi chú cho quầy",
  reference: "Mã hội viên",
  member_since: "Hội viên từ ngày",
};
