//! Somebody whom the shop had three times: what the table and the counter show of all that was theirs.

use super::*;

#[tokio::test]
async fn what_two_others_had_is_counted_at_the_one_whom_they_turned_out_to_be() {
    let counter = Counter::open().await;
    let mut ids = Vec::new();
    for (name, phone) in [("An Nguyen", "0905550111"), ("An Nguyen Thi", "0905550112"), ("Nguyen Thi An", "0905550113")]
    {
        ids.push(counter.register(name, phone).await);
    }
    let dong = |minor: i64| json!({ "minor": minor, "currency": "VND" });
    for id in &ids {
        let entry = counter.ask("new_entry_id", json!({})).await["entry_id"].clone();
        let top_up = json!({ "member_id": id, "entry_id": entry, "amount": dong(100_000), "tender": "cash" });
        counter.ask("top_up", top_up).await;
    }
    let visit = counter.ask("new_visit_id", json!({})).await["visit_id"].clone();
    counter
        .ask("pay", json!({ "member_id": ids[0], "visit_id": visit, "bill": dong(50_000), "credit": dong(50_000) }))
        .await;
    for (winner, loser) in [(1, 0), (2, 1)] {
        counter.ask("merge", json!({ "winner_id": ids[winner], "loser_id": ids[loser], "take": [] })).await;
    }

    let shown = async |filter: Value| {
        let mut asked = json!({
            "text": "", "status": null, "label": null, "card": null, "credit": null, "birthday_month": null,
            "not_seen_months": null, "has_consent": null, "waits": null, "needs_you": null, "sort": "balance",
            "descending": true, "offset": 0, "limit": 50,
        });
        asked.as_object_mut().expect("an object").extend(filter.as_object().expect("an object").clone());
        let rows = counter.ask("list_members", asked).await["rows"].clone();
        rows.as_array().expect("rows").clone()
    };
    let rows = shown(json!({})).await;
    assert_eq!((rows.len(), &rows[0]["id"]), (1, &json!(ids[2])));
    assert_eq!(rows[0]["balance"], dong(250_000));
    assert_eq!(rows[0]["last_visit"]["is_here"], true, "{}", rows[0]);
    assert_eq!(shown(json!({ "credit": "has_credit", "sort": "last_visit" })).await.len(), 1);
    assert_eq!(shown(json!({ "not_seen_months": 1 })).await.len(), 0);
    let card = counter.ask("open_member", json!({ "member_id": ids[2] })).await;
    assert_eq!((&card["credit"]["balance"], &card["last_visit"]), (&dong(250_000), &rows[0]["last_visit"]));
}
