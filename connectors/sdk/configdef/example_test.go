package configdef_test

import (
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

func fileSourceDef() *configdef.Def {
	return configdef.MustNew(
		configdef.ConfigKey{
			Name: "file", Type: configdef.TypeString, Required: true,
			Validator:  configdef.NonEmptyString(),
			Importance: configdef.ImportanceHigh, Documentation: "The file to read.",
		},
		configdef.ConfigKey{
			Name: "batch.size", Type: configdef.TypeInt, Default: 2000,
			Validator:  configdef.AtLeast(1),
			Importance: configdef.ImportanceLow, Documentation: "Records read at once.",
		},
	)
}

func ExampleDef_Parse() {
	config, err := fileSourceDef().Parse(map[string]string{"file": " orders.txt "})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(config.String("file"), config.Int("batch.size"))

	_, err = fileSourceDef().Parse(map[string]string{"batch.size": "0"})
	fmt.Println(err)
	// Output:
	// orders.txt 2000
	// Missing required configuration "file" which has no default value.
	// Invalid value 0 for configuration batch.size: Value must be at least 1
}

func ExampleDef_Validate() {
	for _, v := range fileSourceDef().Validate(map[string]string{"file": "", "batch.size": "many"}) {
		fmt.Printf("%s = %v (%d messages)\n", v.Name, v.Value, len(v.ErrorMessages))
		for _, message := range v.ErrorMessages {
			fmt.Println("-", message)
		}
	}
	// Output:
	// file =  (1 messages)
	// - Invalid value  for configuration file: String must be non-empty
	// batch.size = <nil> (2 messages)
	// - Invalid value many for configuration batch.size: Not a number of type INT
	// - Invalid value null for configuration batch.size: Value must be non-null
}
