package datagen

import (
	"embed"
	"fmt"
	"strings"
)

// The schemas are our own. Names, and the fields that tutorials use, are those that configurations and queries written for the
// original expect; values differ.
//
//go:embed quickstarts/*.json
var schemas embed.FS

// quickstart is a schema that comes with the connector.
type quickstart struct {
	name string
	key  string // the field that becomes the record's key
	file string
}

//nolint:gochecknoglobals // a constant table; Go has no constant arrays
var quickstarts = [...]quickstart{
	{"campaign_finance", "candidate_id", "campaign_finance.json"},
	{"clickstream", "ip", "clickstream.json"},
	{"clickstream_codes", "code", "clickstream_codes.json"},
	{"clickstream_users", "user_id", "clickstream_users.json"},
	{"credit_cards", "card_id", "credit_cards.json"},
	{"device_information", "device_ip", "device_information.json"},
	{"fleet_mgmt_description", "vehicle_id", "fleet_mgmt_description.json"},
	{"fleet_mgmt_location", "vehicle_id", "fleet_mgmt_location.json"},
	{"fleet_mgmt_sensors", "vehicle_id", "fleet_mgmt_sensors.json"},
	{"gaming_games", "id", "gaming_games.json"},
	{"gaming_player_activity", "player_id", "gaming_player_activity.json"},
	{"gaming_players", "player_id", "gaming_players.json"},
	{"insurance_customer_activity", "activity_id", "insurance_customer_activity.json"},
	{"insurance_customers", "customer_id", "insurance_customers.json"},
	{"insurance_offers", "offer_id", "insurance_offers.json"},
	{"inventory", "id", "inventory.json"},
	{"orders", "orderid", "orders.json"},
	{"pageviews", "viewtime", "pageviews.json"},
	{"payroll_bonus", "employee_id", "payroll_bonus.json"},
	{"payroll_employee", "employee_id", "payroll_employee.json"},
	{"payroll_employee_location", "employee_id", "payroll_employee_location.json"},
	{"pizza_orders", "store_id", "pizza_orders.json"},
	{"pizza_orders_cancelled", "store_id", "pizza_orders_cancelled.json"},
	{"pizza_orders_completed", "store_id", "pizza_orders_completed.json"},
	{"product", "id", "product.json"},
	{"purchases", "id", "purchases.json"},
	{"ratings", "rating_id", "ratings.json"},
	{"shoe_clickstream", "product_id", "shoe_clickstream.json"},
	{"shoe_customers", "id", "shoe_customers.json"},
	{"shoe_orders", "order_id", "shoe_orders.json"},
	{"shoes", "id", "shoes.json"},
	{"siem_logs", "hostname", "siem_logs.json"},
	{"stock_trades", "symbol", "stock_trades.json"},
	{"stores", "store_id", "stores.json"},
	{"syslog_logs", "host", "syslog_logs.json"},
	{"transactions", "transaction_id", "transactions.json"},
	{"users", "userid", "users.json"},
	{"users_", "userid", "users_array_map.json"},
	{"users_array_map", "userid", "users_array_map.json"},
}

// findQuickstart finds one by its name, in any mixture of cases.
func findQuickstart(name string) (quickstart, error) {
	names := make([]string, len(quickstarts))
	for i, q := range quickstarts {
		if strings.EqualFold(q.name, name) {
			return q, nil
		}
		names[i] = q.name
	}
	return quickstart{}, fmt.Errorf("there is no quickstart %s; use one of %s", name, strings.Join(names, ", "))
}

func quickstartNames() []any {
	names := make([]any, len(quickstarts))
	for i, q := range quickstarts {
		names[i] = q.name
	}
	return names
}

// schema returns the text of the schema.
func (q quickstart) schema() (string, error) {
	text, err := schemas.ReadFile("quickstarts/" + q.file)
	if err != nil {
		return "", fmt.Errorf("quickstart %s: %w", q.name, err)
	}
	return string(text), nil
}
