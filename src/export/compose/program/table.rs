//! The facts of each program, as the documentation of its official image has them.

use super::{Login, Password, Program};

/// A program of which only this much is special.
const PLAIN: Program = Program {
    id: "",
    user: "",
    data: "",
    temporary: &["/tmp"],
    read_only: true,
    capabilities: &[],
    memory_mib: 256,
    command: &[],
    environment: &[],
    is_slow: false,
    asks_gateway: false,
    health: &[],
    login: None,
};

/// Every program that is known, gateways first.
pub(super) const ALL: &[Program] = &[
    Program {
        id: "nginx",
        user: "101:101",
        asks_gateway: true,
        memory_mib: 128,
        ..PLAIN
    },
    Program {
        id: "envoy",
        user: "101:101",
        health: &["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/{port}"],
        ..PLAIN
    },
    Program {
        id: "traefik",
        user: "65532:65532",
        asks_gateway: true,
        ..PLAIN
    },
    Program {
        id: "caddy",
        user: "65532:65532",
        temporary: &["/tmp", "/config", "/data"],
        // Its file asks for this right, and does not start where nobody may have it.
        capabilities: &["NET_BIND_SERVICE"],
        asks_gateway: true,
        ..PLAIN
    },
    Program {
        id: "haproxy",
        health: &["CMD", "nc", "-z", "127.0.0.1", "{port}"],
        ..PLAIN
    },
    Program {
        id: "postgres",
        user: "70:70",
        data: "/var/lib/postgresql/data",
        temporary: &["/tmp", "/var/run/postgresql"],
        memory_mib: 512,
        environment: &[
            ("POSTGRES_DB", "{database}"),
            ("POSTGRES_USER", "{user}"),
            ("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256"),
        ],
        health: &[
            "CMD-SHELL",
            "pg_isready -q -h 127.0.0.1 -U \"$$POSTGRES_USER\" -d \"$$POSTGRES_DB\"",
        ],
        login: Some(Login {
            user: ("POSTGRES_USER", "app"),
            database: "POSTGRES_DB",
            password: Password::FileVariable("POSTGRES_PASSWORD_FILE"),
        }),
        ..PLAIN
    },
    Program {
        id: "mysql",
        is_slow: true,
        user: "999:999",
        data: "/var/lib/mysql",
        temporary: &["/tmp", "/var/run/mysqld", "/var/lib/mysql-files"],
        memory_mib: 768,
        environment: &[
            ("MYSQL_DATABASE", "{database}"),
            ("MYSQL_USER", "{user}"),
            ("MYSQL_RANDOM_ROOT_PASSWORD", "yes"),
        ],
        health: &["CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "--silent"],
        login: Some(Login {
            user: ("MYSQL_USER", "app"),
            database: "MYSQL_DATABASE",
            password: Password::FileVariable("MYSQL_PASSWORD_FILE"),
        }),
        ..PLAIN
    },
    Program {
        id: "mariadb",
        is_slow: true,
        user: "999:999",
        data: "/var/lib/mysql",
        temporary: &["/tmp", "/run/mysqld"],
        memory_mib: 512,
        environment: &[
            ("MARIADB_DATABASE", "{database}"),
            ("MARIADB_USER", "{user}"),
            ("MARIADB_RANDOM_ROOT_PASSWORD", "yes"),
        ],
        health: &["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"],
        login: Some(Login {
            user: ("MARIADB_USER", "app"),
            database: "MARIADB_DATABASE",
            password: Password::FileVariable("MARIADB_PASSWORD_FILE"),
        }),
        ..PLAIN
    },
    Program {
        id: "mongodb",
        is_slow: true,
        user: "999:999",
        data: "/data/db",
        temporary: &["/tmp", "/data/configdb", "/home/mongodb"],
        memory_mib: 768,
        environment: &[("MONGO_INITDB_ROOT_USERNAME", "{user}")],
        health: &[
            "CMD",
            "mongosh",
            "--quiet",
            "--eval",
            "quit(db.adminCommand('ping').ok ? 0 : 2)",
        ],
        login: Some(Login {
            user: ("MONGO_INITDB_ROOT_USERNAME", "app"),
            database: "",
            password: Password::FileVariable("MONGO_INITDB_ROOT_PASSWORD_FILE"),
        }),
        ..PLAIN
    },
    Program {
        id: "cassandra",
        is_slow: true,
        user: "999:999",
        data: "/var/lib/cassandra",
        // Its start script writes addresses into its own configuration.
        read_only: false,
        memory_mib: 2048,
        environment: &[("MAX_HEAP_SIZE", "1024M"), ("HEAP_NEWSIZE", "256M")],
        health: &["CMD", "cqlsh", "-e", "DESCRIBE CLUSTER"],
        ..PLAIN
    },
    Program {
        id: "mssql",
        is_slow: true,
        data: "/var/opt/mssql",
        temporary: &["/tmp", "/.system"],
        memory_mib: 2560,
        environment: &[("ACCEPT_EULA", "Y"), ("MSSQL_PID", "Developer")],
        command: &[
            "/bin/bash",
            "-c",
            "MSSQL_SA_PASSWORD=\"$$(cat {secret})\" exec /opt/mssql/bin/sqlservr",
        ],
        health: &[
            "CMD-SHELL",
            "/opt/mssql-tools18/bin/sqlcmd -C -S 127.0.0.1 -U sa -P \"$$(cat {secret})\" -Q 'SELECT 1' -o /dev/null",
        ],
        login: Some(Login {
            user: ("", "sa"),
            database: "",
            password: Password::Command("MSSQL_SA_PASSWORD"),
        }),
        ..PLAIN
    },
    Program {
        id: "redis",
        user: "999:1000",
        data: "/data",
        temporary: &["/tmp"],
        memory_mib: 192,
        health: &["CMD", "redis-cli", "ping"],
        ..PLAIN
    },
    Program {
        id: "memcached",
        memory_mib: 96,
        health: &[
            "CMD-SHELL",
            "echo version | nc -w 1 127.0.0.1 {port} | grep -q VERSION",
        ],
        ..PLAIN
    },
    Program {
        id: "rabbitmq",
        is_slow: true,
        user: "100:101",
        data: "/var/lib/rabbitmq",
        memory_mib: 512,
        health: &[
            "CMD",
            "rabbitmq-diagnostics",
            "-q",
            "check_port_connectivity",
        ],
        login: Some(Login {
            user: ("", "app"),
            database: "",
            password: Password::Settings("/etc/rabbitmq/conf.d/20-credentials.conf"),
        }),
        ..PLAIN
    },
    Program {
        id: "kafka",
        is_slow: true,
        data: "/var/lib/kafka/data",
        // Its start script writes the configuration from the environment.
        read_only: false,
        memory_mib: 1024,
        environment: &[
            ("KAFKA_NODE_ID", "1"),
            ("KAFKA_PROCESS_ROLES", "broker,controller"),
            ("KAFKA_LISTENERS", "PLAINTEXT://:{port},CONTROLLER://:9093"),
            ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://{id}:{port}"),
            (
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ),
            ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
            ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
            ("KAFKA_LOG_DIRS", "/var/lib/kafka/data"),
            ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
            ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
            ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
        ],
        health: &[
            "CMD",
            "/opt/kafka/bin/kafka-broker-api-versions.sh",
            "--bootstrap-server",
            "localhost:{port}",
        ],
        ..PLAIN
    },
    Program {
        id: "nats",
        user: "65534:65534",
        memory_mib: 128,
        health: &[
            "CMD",
            "wget",
            "-q",
            "-O",
            "/dev/null",
            "http://127.0.0.1:8222/healthz",
        ],
        ..PLAIN
    },
    Program {
        id: "elasticsearch",
        is_slow: true,
        data: "/usr/share/elasticsearch/data",
        // Its start script keeps generated keys beside its configuration.
        read_only: false,
        memory_mib: 1536,
        environment: &[
            ("discovery.type", "single-node"),
            ("xpack.security.http.ssl.enabled", "false"),
            ("ES_JAVA_OPTS", "-Xms768m -Xmx768m"),
        ],
        // Its start script takes a password's file only with rights (0400 or 0600) that
        // keep it from being read by anybody but the owner, who is not in the container.
        command: &[
            "/bin/bash",
            "-c",
            "ELASTIC_PASSWORD=\"$$(cat {secret})\" exec /usr/local/bin/docker-entrypoint.sh eswrapper",
        ],
        health: &[
            "CMD-SHELL",
            "curl -fsS -o /dev/null -u \"elastic:$$(cat {secret})\" 'http://127.0.0.1:{port}/_cluster/health?wait_for_status=yellow&timeout=1s'",
        ],
        login: Some(Login {
            user: ("", "elastic"),
            database: "",
            password: Password::Command("ELASTIC_PASSWORD"),
        }),
        ..PLAIN
    },
    Program {
        id: "consul",
        user: "100:1000",
        data: "/consul/data",
        temporary: &["/tmp", "/consul/config"],
        // Its start script would become the user that it is already, which only root may.
        environment: &[("CONSUL_DISABLE_PERM_MGMT", "true")],
        health: &[
            "CMD",
            "wget",
            "-q",
            "-O",
            "/dev/null",
            "http://127.0.0.1:8500/v1/status/leader",
        ],
        ..PLAIN
    },
    Program {
        id: "zookeeper",
        is_slow: true,
        user: "1000:1000",
        data: "/data",
        temporary: &["/tmp", "/conf", "/datalog", "/logs"],
        memory_mib: 512,
        health: &["CMD", "zkServer.sh", "status"],
        ..PLAIN
    },
    Program {
        id: "prometheus",
        data: "/prometheus",
        memory_mib: 512,
        health: &[
            "CMD",
            "wget",
            "-q",
            "-O",
            "/dev/null",
            "http://127.0.0.1:9090/-/healthy",
        ],
        ..PLAIN
    },
    Program {
        id: "grafana",
        data: "/var/lib/grafana",
        health: &[
            "CMD",
            "wget",
            "-q",
            "-O",
            "/dev/null",
            "http://127.0.0.1:3000/api/health",
        ],
        login: Some(Login {
            user: ("GF_SECURITY_ADMIN_USER", "admin"),
            database: "",
            password: Password::FileVariable("GF_SECURITY_ADMIN_PASSWORD__FILE"),
        }),
        ..PLAIN
    },
];
