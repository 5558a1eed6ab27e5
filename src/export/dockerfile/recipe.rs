//! How each stack becomes an image: the stages, what may be copied, what it starts.
//!
//! Base images are official and pinned to a tag that exists; a digest is added by
//! whoever pulls them first, never made up here.

use crate::export::bundle::Stack;

/// How a stack is built and started. `{id}` and `{port}` stand for the service's own.
#[derive(Debug)]
pub(super) struct Recipe {
    /// The first stage, line by line.
    pub(super) build: &'static [&'static str],
    /// The image the program runs on.
    pub(super) base: &'static str,
    /// What the last stage gets beside the user, line by line.
    pub(super) runtime: &'static [&'static str],
    /// Whether the base is Alpine, which makes users its own way.
    pub(super) is_alpine: bool,
    /// The program and its first words.
    pub(super) entry: &'static [&'static str],
    /// The same of a job, which does its work and ends; `None` where it is the same.
    pub(super) job_entry: Option<&'static [&'static str]>,
    /// What the build may see of the folder.
    pub(super) visible: &'static [&'static str],
    /// What it must not see even there.
    pub(super) hidden: &'static [&'static str],
    /// What has to be in the folder, in words.
    pub(super) expects: &'static str,
}

/// How this stack becomes an image.
pub(super) fn of(stack: Stack) -> &'static Recipe {
    match stack {
        Stack::FastApi => &FASTAPI,
        Stack::Express => &EXPRESS,
        Stack::Go => &GO,
        Stack::SpringBoot => &SPRING_BOOT,
        Stack::Axum => &AXUM,
        Stack::AspNet => &ASPNET,
    }
}

const FASTAPI: Recipe = Recipe {
    build: &[
        "FROM python:3.13.16-slim-bookworm AS build",
        "ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \\",
        "    PIP_NO_CACHE_DIR=1 \\",
        "    PYTHONDONTWRITEBYTECODE=1",
        "WORKDIR /build",
        "RUN python -m venv /opt/venv",
        "COPY requirements.txt ./",
        "RUN /opt/venv/bin/pip install --require-hashes --only-binary=:all: -r requirements.txt \\",
        "    && /opt/venv/bin/pip uninstall --yes pip",
    ],
    base: "python:3.13.16-slim-bookworm",
    runtime: &[
        "ENV PATH=\"/opt/venv/bin:${PATH}\" \\",
        "    PYTHONDONTWRITEBYTECODE=1 \\",
        "    PYTHONUNBUFFERED=1",
        "WORKDIR /srv",
        "COPY --from=build /opt/venv /opt/venv",
        "COPY app ./app",
    ],
    is_alpine: false,
    entry: &[
        "uvicorn",
        "app.main:app",
        "--host",
        "0.0.0.0",
        "--port",
        "{port}",
        "--no-server-header",
        "--timeout-graceful-shutdown",
        "15",
        "--timeout-keep-alive",
        "75",
    ],
    job_entry: Some(&["python", "-m", "app.job"]),
    visible: &["app/", "app/**", "requirements.txt"],
    hidden: &["**/__pycache__/", "**/*.pyc"],
    expects: "requirements.txt with hashes (pip-compile --generate-hashes) and app/main.py with `app`",
};

const EXPRESS: Recipe = Recipe {
    build: &[
        "FROM node:22.23.3-bookworm-slim AS build",
        "WORKDIR /build",
        "COPY package.json package-lock.json ./",
        "RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts",
    ],
    base: "node:22.23.3-bookworm-slim",
    runtime: &[
        "# Nothing of the package managers is needed to run.",
        "RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/corepack /usr/local/bin/npm \\",
        "    /usr/local/bin/npx /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*",
        "ENV NODE_ENV=production",
        "WORKDIR /srv",
        "COPY --from=build /build/node_modules ./node_modules",
        "COPY package.json ./",
        "COPY src ./src",
    ],
    is_alpine: false,
    entry: &["node", "--enable-source-maps", "src/main.js"],
    job_entry: Some(&["node", "--enable-source-maps", "src/job.js"]),
    visible: &["package.json", "package-lock.json", "src/", "src/**"],
    hidden: &["**/*.test.js"],
    expects: "package.json, package-lock.json and src/main.js, which listens on PORT",
};

const GO: Recipe = Recipe {
    build: &[
        "FROM golang:1.26.8-alpine3.24 AS build",
        "ENV CGO_ENABLED=0",
        "WORKDIR /build",
        "COPY go.mod go.su[m] ./",
        "RUN --mount=type=cache,target=/go/pkg/mod go mod download",
        "COPY . .",
        "RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \\",
        "    go build -trimpath -ldflags=\"-s -w\" -o /out/service .",
    ],
    base: "alpine:3.24.2",
    runtime: &["COPY --from=build /out/service /usr/local/bin/service"],
    is_alpine: true,
    entry: &["/usr/local/bin/service"],
    job_entry: None,
    visible: &["go.mod", "go.sum", "**/*.go"],
    hidden: &["**/*_test.go"],
    expects: "go.mod and a main package, which listens on PORT",
};

const SPRING_BOOT: Recipe = Recipe {
    build: &[
        "FROM maven:3.9.16-eclipse-temurin-21-alpine AS build",
        "WORKDIR /build",
        "COPY pom.xml ./",
        "RUN --mount=type=cache,target=/root/.m2,sharing=locked \\",
        "    mvn --batch-mode --no-transfer-progress dependency:go-offline",
        "COPY src ./src",
        "RUN --mount=type=cache,target=/root/.m2,sharing=locked \\",
        "    mvn --batch-mode --no-transfer-progress -DskipTests package \\",
        "    && mkdir /out \\",
        "    && find target -maxdepth 1 -name '*.jar' ! -name '*-plain.jar' -exec cp {} /out/service.jar \\;",
    ],
    base: "eclipse-temurin:21.0.12_8-jre-alpine",
    runtime: &[
        "WORKDIR /srv",
        "COPY --from=build /out/service.jar ./service.jar",
    ],
    is_alpine: true,
    entry: &[
        "java",
        "-XX:MaxRAMPercentage=75",
        "-XX:+ExitOnOutOfMemoryError",
        "-Dserver.shutdown=graceful",
        "-Dspring.lifecycle.timeout-per-shutdown-phase=15s",
        "-jar",
        "/srv/service.jar",
    ],
    job_entry: None,
    visible: &["pom.xml", "src/", "src/**"],
    hidden: &["src/test/"],
    expects: "pom.xml of Spring Boot and src/main",
};

const AXUM: Recipe = Recipe {
    build: &[
        "FROM rust:1.85.0-alpine3.21 AS build",
        "WORKDIR /build",
        "COPY Cargo.toml Cargo.lock ./",
        "COPY src ./src",
        "# What is built is kept for this service alone: Cargo takes another's for its own.",
        "RUN --mount=type=cache,target=/usr/local/cargo/registry \\",
        "    --mount=type=cache,id={id}-target,target=/build/target,sharing=locked \\",
        "    cargo build --release --locked \\",
        "    && mkdir /out \\",
        "    && find target/release -maxdepth 1 -type f -perm -u+x -exec cp {} /out/service \\;",
    ],
    base: "alpine:3.24.2",
    runtime: &["COPY --from=build /out/service /usr/local/bin/service"],
    is_alpine: true,
    entry: &["/usr/local/bin/service"],
    job_entry: None,
    visible: &["Cargo.toml", "Cargo.lock", "src/", "src/**"],
    hidden: &[],
    expects: "Cargo.toml with one binary, Cargo.lock and src, which listens on PORT",
};

const ASPNET: Recipe = Recipe {
    build: &[
        "FROM mcr.microsoft.com/dotnet/sdk:9.0.315 AS build",
        "WORKDIR /build",
        "COPY . .",
        "RUN --mount=type=cache,target=/root/.nuget/packages \\",
        "    dotnet publish --configuration Release --output /out -p:AssemblyName=service -p:UseAppHost=false",
    ],
    base: "mcr.microsoft.com/dotnet/aspnet:9.0.17-alpine3.24",
    runtime: &[
        "ENV DOTNET_EnableDiagnostics=0 \\",
        "    ASPNETCORE_HTTP_PORTS={port}",
        "WORKDIR /srv",
        "COPY --from=build /out ./",
    ],
    is_alpine: true,
    entry: &["dotnet", "/srv/service.dll"],
    job_entry: None,
    visible: &["*.csproj", "*.json", "**/*.cs", "wwwroot/", "wwwroot/**"],
    hidden: &["**/bin/", "**/obj/", "tests/"],
    expects: "one project file (*.csproj) of ASP.NET",
};
