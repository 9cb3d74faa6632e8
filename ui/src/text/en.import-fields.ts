/** A field of an import by the name that a shop owner has for it. One that is not here stands by its own name. */
export const importFields: Record<string, string> = {
  full_name: "Full name",
  given: "Given name",
  family: "Family name",
  phone: "Phone",
  email: "Email",
  birthday: "Birthday",
  card: "Card number",
  opening_balance: "Opening balance",
  label: "Labels",
  note: "Note for the counter",
  reference: "Member number",
  member_since: "Member since",
};
