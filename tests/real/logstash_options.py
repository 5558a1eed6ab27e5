"""The options of the Logstash plugins that exported pipelines use, with their types.

From each plugin's reference, for Logstash 8.15 to 9. The common options of a stage are
under `input`, `filter` and `output`. A list of texts means one of these.
"""

COMMON = {
    "input": {"add_field": "hash", "codec": "text", "enable_metric": "bool", "id": "text",
              "tags": "list", "type": "text"},
    "filter": {"add_field": "hash", "add_tag": "list", "enable_metric": "bool", "id": "text",
               "periodic_flush": "bool", "remove_field": "list", "remove_tag": "list"},
    "output": {"codec": "text", "enable_metric": "bool", "id": "text"},
}

PLUGINS = {
    ("input", "beats"): {
        "port": "number", "host": "text", "ssl_enabled": "bool", "ssl_certificate": "text",
        "ssl_key": "text", "ssl_key_passphrase": "text", "ssl_certificate_authorities": "list",
        "ssl_client_authentication": ["none", "optional", "required"],
        "ssl_cipher_suites": "list", "ssl_supported_protocols": "list",
        "ssl_handshake_timeout": "number", "client_inactivity_timeout": "number",
        "executor_threads": "number", "enrich": "list", "include_codec_tag": "bool",
        "ecs_compatibility": "text", "event_loop_threads": "number",
    },
    ("input", "dead_letter_queue"): {
        "path": "text", "pipeline_id": "text", "commit_offsets": "bool", "clean_consumed": "bool",
        "sincedb_path": "text", "start_timestamp": "text",
    },
    ("filter", "json"): {
        "source": "text", "target": "text", "skip_on_invalid_json": "bool",
        "tag_on_failure": "list", "ecs_compatibility": "text",
    },
    ("filter", "mutate"): {
        "convert": "hash", "copy": "hash", "gsub": "list", "join": "hash", "lowercase": "list",
        "merge": "hash", "coerce": "hash", "rename": "hash", "replace": "hash", "split": "hash",
        "strip": "list", "update": "hash", "uppercase": "list", "capitalize": "list",
        "tag_on_failure": "text",
    },
    ("filter", "date"): {
        "match": "list", "target": "text", "timezone": "text", "locale": "text",
        "tag_on_failure": "list",
    },
    ("filter", "grok"): {
        "match": "hash", "overwrite": "list", "pattern_definitions": "hash", "patterns_dir": "list",
        "patterns_files_glob": "text", "break_on_match": "bool", "keep_empty_captures": "bool",
        "named_captures_only": "bool", "tag_on_failure": "list", "tag_on_timeout": "text",
        "target": "text", "timeout_millis": "number", "timeout_scope": "text",
        "ecs_compatibility": "text",
    },
    ("filter", "translate"): {
        "source": "text", "target": "text", "dictionary": "hash", "dictionary_path": "text",
        "exact": "bool", "fallback": "text", "override": "bool", "refresh_interval": "number",
        "refresh_behaviour": "text", "regex": "bool", "iterate_on": "text", "ecs_compatibility": "text",
        "yaml_dictionary_code_point_limit": "number",
    },
    ("filter", "ruby"): {
        "code": "text", "init": "text", "path": "text", "script_params": "hash",
        "tag_on_exception": "text", "tag_with_exception_message": "bool",
    },
    ("output", "elasticsearch"): {
        "hosts": "list", "user": "text", "password": "text", "api_key": "text", "cloud_id": "text",
        "ssl_enabled": "bool", "ssl_certificate": "text", "ssl_key": "text",
        "ssl_certificate_authorities": "list", "ssl_verification_mode": ["full", "none"],
        "ssl_supported_protocols": "list", "ssl_cipher_suites": "list",
        "data_stream": ["true", "false", "auto"],
        "data_stream_type": ["logs", "metrics", "synthetics", "traces"],
        "data_stream_dataset": "text", "data_stream_namespace": "text",
        "data_stream_auto_routing": "bool", "data_stream_sync_fields": "bool",
        "compression_level": "number", "retry_initial_interval": "number",
        "retry_max_interval": "number", "timeout": "number", "pool_max": "number",
        "resurrect_delay": "number", "dlq_custom_codes": "list", "silence_errors_in_log": "list",
    },
}

# Options without which a plugin does not start.
REQUIRED = {
    ("input", "beats"): {"port"},
    ("input", "dead_letter_queue"): {"path"},
    ("filter", "json"): {"source"},
    ("filter", "translate"): {"source", "target"},
    ("output", "elasticsearch"): {"hosts"},
}
