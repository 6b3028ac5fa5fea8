// What a BI tool does with the PostgreSQL JDBC driver (Tableau, Looker, Metabase): connects, asks for the catalog, reads.
// Prints one line for each thing seen: what, then its fields, separated by tabs. Queries come on standard input, one a
// line: a name, a tab, the SQL.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

public class LookAround {
    interface Asked {
        ResultSet of(DatabaseMetaData catalog) throws SQLException;
    }

    public static void main(String[] arguments) throws Exception {
        System.setOut(new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8));
        Properties login = new Properties();
        login.setProperty("user", System.getenv("PGUSER"));
        login.setProperty("password", System.getenv("PGPASSWORD"));
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE") + System.getenv().getOrDefault("JDBC_OPTIONS", "");
        try (Connection connection = DriverManager.getConnection(url, login)) {
            DatabaseMetaData catalog = connection.getMetaData();
            say("version", catalog.getDriverVersion(), catalog.getDatabaseProductVersion());
            String schema = connection.getSchema();
            say("schema", schema);
            lookAtCatalog(catalog, schema);
            readQueries(connection);
        }
    }

    static void lookAtCatalog(DatabaseMetaData catalog, String schema) throws SQLException {
        String[] kinds = {"TABLE", "VIEW", "PARTITIONED TABLE", "MATERIALIZED VIEW", "FOREIGN TABLE"};
        ResultSet tables = catalog.getTables(null, schema, "%", kinds);
        while (tables.next()) {
            say("table", tables.getString("TABLE_NAME"), tables.getString("TABLE_TYPE"), tables.getString("REMARKS"));
        }
        ResultSet columns = catalog.getColumns(null, schema, "%", "%");
        while (columns.next()) {
            say("column", columns.getString("TABLE_NAME"), columns.getString("COLUMN_NAME"),
                columns.getString("TYPE_NAME"), columns.getString("REMARKS"));
        }
        // the rest of what tools ask while a person clicks through a connection
        ask(catalog, "getCatalogs", known -> known.getCatalogs());
        ask(catalog, "getSchemas", known -> known.getSchemas());
        ask(catalog, "getTableTypes", known -> known.getTableTypes());
        ask(catalog, "getTypeInfo", known -> known.getTypeInfo());
        ask(catalog, "getPrimaryKeys", known -> known.getPrimaryKeys(null, schema, "voters"));
        ask(catalog, "getImportedKeys", known -> known.getImportedKeys(null, schema, "voters"));
        ask(catalog, "getExportedKeys", known -> known.getExportedKeys(null, schema, "voters"));
        ask(catalog, "getIndexInfo", known -> known.getIndexInfo(null, schema, "voters", false, true));
        ask(catalog, "getBestRowIdentifier", known -> known.getBestRowIdentifier(null, schema, "voters", 0, true));
        ask(catalog, "getVersionColumns", known -> known.getVersionColumns(null, schema, "voters"));
        ask(catalog, "getTablePrivileges", known -> known.getTablePrivileges(null, schema, "voters"));
        ask(catalog, "getColumnPrivileges", known -> known.getColumnPrivileges(null, schema, "voters", "%"));
        ask(catalog, "getFunctions", known -> known.getFunctions(null, schema, "%"));
        ask(catalog, "getProcedures", known -> known.getProcedures(null, schema, "%"));
        ask(catalog, "getUDTs", known -> known.getUDTs(null, schema, "%", null));
    }

    static void ask(DatabaseMetaData catalog, String name, Asked asked) {
        try (ResultSet found = asked.of(catalog)) {
            int rows = 0;
            while (found.next()) {
                rows++;
            }
            say("catalog", name, "ok", String.valueOf(rows));
        } catch (SQLException refusal) {
            say("catalog", name, "refused", refusal.getSQLState());
        }
    }

    static void readQueries(Connection connection) throws Exception {
        BufferedReader queries = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = queries.readLine(); line != null; line = queries.readLine()) {
            String[] query = line.split("\t", 2);
            try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query[1])) {
                ResultSetMetaData shape = rows.getMetaData();
                int count = 0;
                for (; rows.next(); count++) {
                    if (query[0].startsWith("value:")) {
                        String[] fields = new String[2 + 2 * shape.getColumnCount()];
                        fields[0] = "row";
                        fields[1] = query[0].substring("value:".length());
                        for (int column = 1; column <= shape.getColumnCount(); column++) {
                            fields[2 * column] = shape.getColumnClassName(column);
                            fields[2 * column + 1] = rows.getString(column);
                        }
                        say(fields);
                    }
                }
                say("rows", query[0], String.valueOf(count));
            } catch (SQLException refusal) {
                say("refused", query[0], refusal.getSQLState());
            }
        }
    }

    static void say(String... fields) {
        StringBuilder line = new StringBuilder();
        for (String field : fields) {
            line.append(line.length() == 0 ? "" : "\t");
            line.append(field == null ? "" : field.replaceAll("[\t\r\n]", " "));
        }
        System.out.println(line);
    }
}
