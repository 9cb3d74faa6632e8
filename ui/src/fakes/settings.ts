import type { SettingsView } from "../api";
import { dong, somePreferences } from "./things";

export function someSettings(changes: Partial<SettingsView> = {}): SettingsView {
  return {
    language: "en",
    till_name: "Till 2",
    location: {
      code: "KM",
      name: "Kim Ma",
      country: "VN",
      currency: "VND",
      decimals: 0,
      time_zone: "Asia/Ho_Chi_Minh",
      issuer: null,
      issuer_stays: null,
      is_told: true,
      others: ["West Lake"],
    },
    allowance: {
      per_member_minor: 500_000,
      per_transaction_minor: 500_000,
      per_till_minor: 5_000_000,
      max_age_hours: 24,
    },
    worst_case: dong(5_000_000),
    tills: 2,
    credit_rules: {
      void_minutes: 10,
      earn_percent: "2.5",
      reward_valid_days: null,
      proof_above_minor: 300_000,
    },
    printer: { address: "192.168.1.50:9100", code_page: "tcvn3", columns: 42 },
    code_pages: ["pc437", "tcvn3"],
    preferences: somePreferences(),
    is_key_in_file: false,
    checkup: null,
    compared: null,
    time_zones: ["Asia/Bangkok", "Asia/Ho_Chi_Minh", "Europe/Bratislava"],
    data_folder: "/home/linh/.local/share/regulars",
    version: "0.2.0",
    ...changes,
  };
}
