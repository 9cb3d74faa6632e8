import type { remoteFailures as english } from "./en.remotes";
import { type Facts, moneyIn } from "./facts";
import { forms } from "./vi.forms";

export const remoteFailures: typeof english = {
  another_member_there:
    "Trụ sở đã có hội viên này dưới tên một hội viên khác của quầy. Gộp hai hội viên lại, rồi thử lại.",
  cannot_be_empty: "Trụ sở không để trống mục này. Ghi nội dung khác, hoặc trả lại như cũ.",
  cannot_delete:
    "Từ đây không xóa được ai ở trụ sở: hội viên vẫn còn ở đó cho đến khi có người xóa bằng tay.",
  changed_meanwhile: "Có người khác đang liên tục sửa hội viên này. Máy sẽ tự thử lại.",
  characters: said("Trụ sở không nhận các ký tự này ở đây"),
  credit_in_doubt: (facts) => {
    const [before, after] = [moneyIn(facts, "before"), moneyIn(facts, "after")];
    const balances =
      before && after
        ? ` Trước đó số dư ở đó là ${forms.money(before)}, nếu có thì là ${forms.money(after)}.`
        : "";
    return `Không có câu trả lời, và không thấy được khoản này đã nằm trong số dư ở đó chưa.${balances} Hãy xem ở đó rồi quyết định.`;
  },
  credit_unreadable: said("Số dư ở đó không đọc được như một khoản của loại tiền này"),
  gone_there: "Hội viên này vừa bị xóa ở trụ sở. Đăng ký lại ở đó, hoặc bỏ thay đổi này.",
  held_back: said("Trụ sở không nhận được nội dung này như hiện tại"),
  issuer_differs: "Số dư ở đó thuộc bên phát hành khác với cửa hàng này.",
  key_invalid: "Đây không phải khóa bí mật. Khóa bắt đầu bằng ptest_ hoặc pprod_ là khóa công khai.",
  key_mode: "Khóa này thuộc chế độ khác: hội viên thử và thật không bao giờ trộn lẫn.",
  key_taken: "Ở trụ sở đã có người khác mang số này.",
  kind_unknown: "Phiên bản Regulars này không kết nối được với hệ thống như vậy.",
  label_unknown: said("Trụ sở không có nhãn này"),
  length: said("Nội dung này quá ngắn hoặc quá dài đối với trụ sở"),
  merged_there:
    "Trụ sở đã gộp hội viên này vào một hội viên khác. Hãy sửa hoặc xóa ở hội viên đó và bỏ thay đổi này; số dư thì chỉnh bằng tay ở đó.",
  no_home_for_money: "Trụ sở không giữ số dư. Số dư chỉ được giữ tại quầy này.",
  not_at_the_remote: said("Trụ sở không có mục được nhắc đến"),
  not_supported: "Trụ sở không làm được việc này.",
  not_the_remote: "Nơi trả lời ở địa chỉ này không phải trụ sở. Mạng này có cần đăng nhập trước không?",
  not_there: "Trụ sở chưa có hội viên này. Đăng ký ở đó trước, hoặc bỏ thay đổi này.",
  own_parent: "Không ai thuộc về chính mình.",
  password_refused: "Trụ sở không chấp nhận tên và mật khẩu này. Nhập lại trong Cài đặt.",
  perhaps_sent:
    "Một bản cũ của tệp quầy vừa được khôi phục, nên trụ sở có thể đã có thay đổi này. Xem ở đó trước khi thử lại.",
  reference_taken: "Ở trụ sở đã có người khác mang số này. Hãy cho hội viên này số khác.",
  refused: said("Trụ sở từ chối"),
  rejected: said("Trụ sở từ chối"),
  remote_needs: said("Trụ sở cần thêm thông tin về hội viên này"),
  right_missing: "Tài khoản ở đó không được làm việc này. Hãy cấp quyền ở đó, rồi thử lại.",
  setting_invalid: said("Không dùng được thiết lập này"),
  secret_needed: "Đây là máy chủ khác trước. Nhập lại mã bí mật, để mã cũ không bị gửi đến đó.",
  remote_in_use: "Hội viên hoặc cửa hàng của quầy này đang ở đó. Hệ thống ở lại.",
  remote_exists: "Hệ thống khác đã có tên này. Chọn tên khác.",
  pos_id_taken: "Cửa hàng khác ở đó đã có mã này. Mỗi cửa hàng một mã.",
  shop_exists: "Quầy này đã phục vụ một cửa hàng có mã này.",
  shop_has_members:
    "Hội viên của cửa hàng này đã ở hệ thống khác. Cửa hàng ở lại đó: nếu không họ sẽ không thuộc cửa hàng nào.",
  no_shop_yet: "Hệ thống này được hỏi theo từng cửa hàng. Hãy kết nối một cửa hàng trước.",
  several_members:
    "Việc này hoàn lại số dư của hai hội viên đã gộp, mà ở đó vẫn là hai. Hãy sửa cả hai bằng tay ở đó.",
  several_there: "Ở trụ sở có vài hội viên có thể là người này. Xem ở đó là ai, rồi thử lại.",
};

function said(what: string) {
  return (_: Facts, message: string) => (message ? `${what}: “${message}”.` : `${what}.`);
}
