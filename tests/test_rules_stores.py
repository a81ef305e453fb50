"""Secrets in images, manifests, plain stores, templates, Terraform, env files and apps: the many ways to write it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from cli import sgleaks
from keys import key
from sgleaks.check import failures
from sgleaks.model import Example
from sgleaks.rule import builtin_rules, load_folder

RULES = load_folder(builtin_rules())

# The rule, the file, the lines that are found in it, and what it says.
CASES = [
    (
        "secret-in-image",
        "cloudbuild.json",
        [1],
        """
        {"steps":[{"args":["build","--build-arg","SENDGRID_API_KEY=$_K"]}]}
        """,
    ),
    (
        "secret-in-image",
        "Jenkinsfile",
        [4],
        """
        def app
        node {
          stage('b') {
            app = docker.build('x', '--build-arg SENDGRID_API_KEY=' + key + ' .')
          }
        }
        """,
    ),
    (
        "secret-in-image",
        "Jenkinsfile",
        [3],
        """
        node {
          sh '''
            docker build \\
              --build-arg SENDGRID_API_KEY=$K \\
              .
          '''
        }
        """,
    ),
    (
        "secret-in-image",
        "Makefile",
        [2],
        """
        build:
        \tdocker build \\
        \t\t--build-arg PORT=1 \\
        \t\t--build-arg SENDGRID_API_KEY=${SENDGRID_API_KEY} .
        """,
    ),
    (
        "secret-in-image",
        "build.ps1",
        [1],
        """
        docker build `
          --build-arg SENDGRID_API_KEY=$env:SENDGRID_API_KEY `
          .
        """,
    ),
    (
        "secret-in-image",
        "package.json",
        [2],
        """
        {"scripts": {
         "image": "docker build --build-arg SENDGRID_API_KEY=$SENDGRID_API_KEY ."
        }}
        """,
    ),
    (
        "secret-in-image",
        "deploy.py",
        [3],
        """
        import subprocess
        subprocess.run(["docker", "build",
          "--build-arg", f"SENDGRID_API_KEY={key}", "."])
        """,
    ),
    (
        "secret-in-image",
        "skaffold.yaml",
        [6],
        """
        build:
          artifacts:
          - image: app
            docker:
              buildArgs:
                SENDGRID_API_KEY: "{{.SENDGRID_API_KEY}}"
        """,
    ),
    (
        "secret-in-image",
        "heroku.yml",
        [5],
        """
        build:
          docker:
            web: Dockerfile
          config:
            SENDGRID_API_KEY: abc123xyz9
        """,
    ),
    (
        "secret-in-image",
        "main.tf",
        [6],
        """
        resource "docker_image" "a" {
          name = "a"
          build {
            context = "."
            build_args = {
              SENDGRID_API_KEY = var.sendgrid_api_key
            }
          }
        }
        """,
    ),
    (
        "secret-in-image",
        "azure-pipelines.yml",
        [5],
        """
        steps:
        - task: Docker@2
          inputs:
            command: build
            arguments: --build-arg SENDGRID_API_KEY=$(SENDGRID_API_KEY)
        """,
    ),
    (
        "secret-in-image",
        ".github/workflows/a.yml",
        [5],
        """
        jobs:
          a:
            steps:
            - run: |
                docker build \\
                  --build-arg "SENDGRID_API_KEY=${{ secrets.SENDGRID_API_KEY }}" .
        """,
    ),
    (
        "secret-in-image",
        "Dockerfile",
        [2, 3, 4],
        """
        FROM a
        ENV A=1 SENDGRID_API_KEY=$K B=2
        ARG sendgrid_apikey
        ARG SENDGRID_API_KEY=
        ENV SENDGRID_API_KEY='' X=""
        """,
    ),
    (
        "secret-in-image",
        "Dockerfile",
        [2],
        """
        FROM a
        ENV SENDGRID_API_KEY            = ${SENDGRID_API_KEY}
        ENV SENDGRID_ENABLED=false
        ENV SENDGRID_KEY_PATH=/run/x
        RUN export SENDGRID_API_KEY=abc
        """,
    ),
    (
        "secret-in-image",
        "Dockerfile",
        [2],
        """
        FROM a
        ARG SENDGRID_API_KEY
        RUN echo "SENDGRID_API_KEY=$SENDGRID_API_KEY" > .env
        """,
    ),
    (
        "secret-in-image",
        "docker-compose.yml",
        [5],
        """
        services:
          a:
            build:
              args:
                - SENDGRID_API_KEY=${SENDGRID_API_KEY:-}
              secrets:
                - SENDGRID_API_KEY
            environment:
              - SENDGRID_API_KEY
        """,
    ),
    (
        "secret-in-image",
        "buildspec.yml",
        [4],
        """
        phases:
          build:
            commands:
              - docker build --build-arg SENDGRID_API_KEY=$SENDGRID_API_KEY -t a .
        """,
    ),
    (
        "secret-in-image",
        "Earthfile",
        [],
        """
        x:
          ARG SENDGRID_API_KEY
        """,
    ),
    (
        "secret-in-image",
        "docker-bake.json",
        [1],
        """
        {"target":{"app":{"args":{"SENDGRID_API_KEY":"x1y2z3w4q"}}}}
        """,
    ),
    (
        "secret-in-image",
        "docker-bake.hcl",
        [3],
        """
        target "app" {
          args = {
            SENDGRID_API_KEY = "${SENDGRID_API_KEY}"
          }
        }
        """,
    ),
    (
        "plaintext-manifest-secret",
        "values.yaml",
        [2, 6],
        """
        env:
          SENDGRID_API_KEY: {password}
          SENDGRID_FROM: a@example.com
        extraEnv:
          - name: SENDGRID_API_KEY
            value: {password}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "serverless.yml",
        [4],
        """
        service: a
        provider:
          environment:
            SENDGRID_API_KEY: {key}
            SENDGRID_TOKEN: ${ssm:/a/b}
            SENDGRID_KEY: ${env:SENDGRID_KEY}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "render.yaml",
        [5],
        """
        services:
          - type: web
            envVars:
              - key: SENDGRID_API_KEY
                value: {key}
              - key: SENDGRID_TOKEN
                sync: false
        """,
    ),
    (
        "plaintext-manifest-secret",
        "fly.toml",
        [3],
        """
        app='a'
        [env]
          SENDGRID_API_KEY = '{key}'
        """,
    ),
    (
        "plaintext-manifest-secret",
        "netlify.toml",
        [2, 4],
        """
        [build.environment]
          SENDGRID_API_KEY = '{key}'
        [context.production.environment]
          SENDGRID_API_KEY = '{key}'
        """,
    ),
    (
        "plaintext-manifest-secret",
        "vercel.json",
        [1],
        """
        {"env":{"SENDGRID_API_KEY":"{key}","SENDGRID_TOKEN":"@sendgrid-token"}}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "wrangler.jsonc",
        [1],
        """
        {"name":"a","vars":{"SENDGRID_API_KEY":"{key}"}}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "docker-compose.yml",
        [2],
        """
        x-env: &env
          SENDGRID_API_KEY: {key}
        services:
          a:
            image: b
            environment:
              <<: *env
              A: b
        """,
    ),
    (
        "plaintext-manifest-secret",
        "stack.yml",
        [5],
        """
        services:
          a:
            image: b
            environment:
              SMTP_PASSWORD: {key}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "service.yaml",
        [8],
        """
        apiVersion: serving.knative.dev/v1
        kind: Service
        spec:
          template:
            spec:
              containers:
              - env:
                - {name: SENDGRID_API_KEY, value: '{key}'}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "list.yaml",
        [7],
        """
        apiVersion: v1
        kind: List
        items:
        - apiVersion: v1
          kind: ConfigMap
          metadata: {name: a}
          data: {SENDGRID_API_KEY: '{key}'}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "cm.json",
        [1],
        """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"SENDGRID_API_KEY":"{key}"}}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "cm.yaml",
        [8],
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: a
        data:
          app.properties: |
            a=b
            sendgrid.api.key={password}
            sendgrid.from=a@b.c
        """,
    ),
    (
        "plaintext-manifest-secret",
        "cm.yaml",
        [8],
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: a
        data:
          SENDGRID_API_KEY: ""
          SENDGRID_TOKEN: changeme
          SENDGRID_KEY: ${SENDGRID_KEY}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "sec.yaml",
        [7],
        """
        apiVersion: v1
        kind: Secret
        metadata:
          name: mail
        type: Opaque
        data:
          sendgrid-api-key: "{base64:{key}}"
          sendgrid-password: {{ .Values.x | b64enc }}
          SENDGRID_TOKEN: ""
        """,
    ),
    (
        "plaintext-manifest-secret",
        "sec.yaml",
        [7],
        """
        apiVersion: v1
        kind: Secret
        metadata:
          name: mail
        stringData:
          config.yaml: |
            sendgrid_api_key: "{password}"
        """,
    ),
    (
        "plaintext-manifest-secret",
        "sealed.yaml",
        [],
        """
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata:
          name: sendgrid
        spec:
          encryptedData:
            SENDGRID_API_KEY: AgBy3i4OJSWK
          template:
            metadata: {name: a}
            data:
              SENDGRID_FROM: a@b.c
        """,
    ),
    (
        "plaintext-manifest-secret",
        "spc.yaml",
        [],
        """
        apiVersion: secrets-store.csi.x-k8s.io/v1
        kind: SecretProviderClass
        spec:
          parameters:
            objects: |
              - objectName: SENDGRID_API_KEY
          secretObjects:
          - data:
            - key: SENDGRID_API_KEY
              objectName: sendgridKey1
        """,
    ),
    (
        "plaintext-manifest-secret",
        "task.tf.json",
        [],
        """
        {"a":1}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "ebextensions.yaml",
        [4],
        """
        option_settings:
          - namespace: aws:elasticbeanstalk:application:environment
            option_name: SENDGRID_API_KEY
            value: {key}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "ebextensions.yaml",
        [3],
        """
        option_settings:
          aws:elasticbeanstalk:application:environment:
            SENDGRID_API_KEY: {key}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "launch.json",
        [1],
        """
        {"configurations":[{"env":{"SENDGRID_API_KEY":"{key}"}}]}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "manifest.yml",
        [4],
        """
        applications:
        - name: a
          env:
            SENDGRID_API_KEY: {key}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "application.yml",
        [],
        """
        sendgrid:
          api-key: {key}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "openapi.yaml",
        [],
        """
        components:
          parameters:
            k:
              name: SENDGRID_API_KEY
              value: {password}
        """,
    ),
    (
        "plaintext-manifest-secret",
        "job.nomad",
        [6],
        """
        job "a" {
          group "a" {
            task "a" {
              template {
                data = <<EOH
        SENDGRID_API_KEY={password}
        EOH
                env = true
              }
            }
          }
        }
        """,
    ),
    (
        "plaintext-manifest-secret",
        "job.hcl",
        [6],
        """
        job "a" {
          group "a" {
            task "a" {
              template {
                data = <<EOH
        SENDGRID_API_KEY={password}
        EOH
                env = true
              }
              template {
                data = "SENDGRID_API_KEY={{ with secret \\"x\\" }}{{ .Data.k }}{{ end }}"
              }
            }
          }
        }
        """,
    ),
    (
        "plaintext-manifest-secret",
        "cdk.yaml",
        [5],
        """
        kustomize: 1
        secretGenerator:
        - name: a
          literals:
          - SENDGRID_API_KEY={password}
        """,
    ),
    (
        "secret-in-plain-store",
        ".travis.yml",
        [3],
        """
        env:
          global:
            - SENDGRID_API_KEY={key}
            - secure: abcdef
        """,
    ),
    (
        "secret-in-plain-store",
        "bitbucket-pipelines.yml",
        [7],
        """
        pipelines:
          default:
            - step:
                script:
                  - pipe: a/b:1
                    variables:
                      SENDGRID_API_KEY: {key}
                      SENDGRID_TOKEN: $SENDGRID_TOKEN
        """,
    ),
    (
        "secret-in-plain-store",
        "azure-pipelines.yml",
        [2, 8],
        """
        variables:
          SENDGRID_API_KEY: {key}
          sendgridToken: $(t)
        stages:
        - stage: a
          variables:
          - name: SENDGRID_KEY
            value: {password}
        """,
    ),
    (
        "secret-in-plain-store",
        "cloudbuild.yaml",
        [4, 7],
        """
        steps:
        - name: x
          env:
          - 'SENDGRID_API_KEY={key}'
          secretEnv: ['SENDGRID_TOKEN']
        substitutions:
          _SENDGRID_API_KEY: {password}
        availableSecrets:
          secretManager:
          - versionName: projects/p/secrets/sendgrid/versions/1
            env: 'SENDGRID_TOKEN'
        """,
    ),
    (
        "secret-in-plain-store",
        ".drone.yml",
        [5],
        """
        kind: pipeline
        steps:
        - name: a
          environment:
            SENDGRID_API_KEY: {key}
            SENDGRID_TOKEN:
              from_secret: sendgrid_token
        """,
    ),
    (
        "secret-in-plain-store",
        ".github/workflows/a.yml",
        [6],
        """
        jobs:
          a:
            steps:
            - uses: x/y@v1
              with:
                sendgrid_api_key: {key}
                sendgrid-token: ${{ secrets.T }}
            - run: x
              env:
                SENDGRID_API_KEY: test-key-for-ci
                SENDGRID_KEY: dummy
        """,
    ),
    (
        "secret-in-plain-store",
        ".github/workflows/a.yml",
        [],
        """
        on:
          workflow_call:
            secrets:
              SENDGRID_API_KEY:
                required: true
            inputs:
              sendgrid_api_key:
                default: abc
        jobs: {}
        """,
    ),
    (
        "secret-in-plain-store",
        "Jenkinsfile",
        [3],
        """
        pipeline {
          environment {
            SENDGRID_API_KEY = '{key}'
            SENDGRID_TOKEN = credentials('x')
          }
        }
        """,
    ),
    (
        "secret-in-plain-store",
        "Jenkinsfile",
        [2],
        """
        node {
          withEnv(['SENDGRID_API_KEY={key}']) {
            sh 'x'
          }
        }
        """,
    ),
    (
        "secret-in-plain-store",
        "template.yaml",
        [6],
        """
        Resources:
          P:
            Type: AWS::SSM::Parameter
            Properties:
              Name: /app/sendgrid/api-key
              Type: String
              Value: x
          F:
            Type: AWS::Serverless::Function
            Properties:
              Environment:
                Variables:
                  SENDGRID_API_KEY: {key}
        """,
    ),
    (
        "secret-in-plain-store",
        "index.ts",
        [2, 3],
        """
        import * as aws from "@pulumi/aws";
        new aws.ssm.Parameter("k", { name: "/app/sendgrid/api-key", type: "String", value: k });
        new aws.lambda.Function("f", { environment: { variables: { SENDGRID_API_KEY: "{key}", A: "b" } } });
        """,
    ),
    (
        "secret-in-plain-store",
        "__main__.py",
        [2, 3],
        """
        import pulumi_aws as aws
        aws.ssm.Parameter("k", name="/app/sendgrid/api-key", type="String", value=k)
        aws.lambda_.Function("f", environment={"variables": {"SENDGRID_API_KEY": "{key}"}})
        """,
    ),
    (
        "secret-in-plain-store",
        "stack.ts",
        [2],
        """
        import * as ssm from "aws-cdk-lib/aws-ssm";
        new ssm.StringParameter(this, "K", { parameterName: "/app/sendgrid/api-key", stringValue: k });
        """,
    ),
    (
        "secret-in-plain-store",
        "main.tf",
        [7, 15],
        """
        resource "google_cloud_run_service" "a" {
          template {
            spec {
              containers {
                env {
                  name  = "SENDGRID_API_KEY"
                  value = "{key}"
                }
              }
            }
          }
        }
        resource "azurerm_linux_web_app" "b" {
          app_settings = {
            SENDGRID_API_KEY = "{key}"
            SENDGRID_TOKEN = "@Microsoft.KeyVault(SecretUri=x)"
          }
        }
        """,
    ),
    (
        "secret-in-plain-store",
        "main.tf",
        [5],
        """
        resource "aws_ecs_task_definition" "a" {
          container_definitions = jsonencode([{
            name = "a"
            environment = [
              { name = "SENDGRID_API_KEY", value = "{key}" },
              { name = "SENDGRID_TOKEN", value = var.t }
            ]
          }])
        }
        """,
    ),
    (
        "secret-in-plain-store",
        "main.tf",
        [3, 8],
        """
        resource "aws_ssm_parameter" "sendgrid_api_key" {
          name  = "/app/key"
          type  = "String"
          value = "x"
        }
        resource "aws_ssm_parameter" "b" {
          name  = "/${var.env}/sendgrid/api_key"
          type  = "String"
          value = var.x
        }
        data "aws_ssm_parameter" "c" { name = "/sendgrid/api_key" }
        """,
    ),
    (
        "secret-in-plain-store",
        "main.tf",
        [10],
        """
        resource "aws_ssm_parameter" "a" {
          for_each = var.all
          name  = each.key
          type  = "String"
          value = each.value
        }
        # sendgrid
        resource "kubernetes_config_map" "m" {
          data = {
            SENDGRID_API_KEY = "{key}"
          }
        }
        """,
    ),
    (
        "secret-in-plain-store",
        "src/config.py",
        [],
        """
        vars = {"SENDGRID_API_KEY": "{key}"}
        """,
    ),
    (
        "template-parameter-not-secret",
        "m.bicep",
        [1],
        """
        param sendGridApiKey string = 'x'
        @secure()
        param a string
        param sendgridKeyVaultName string
        param sendGridSecretUri string
        @allowed([
          'a'
        ])
        @sys.secure()
        param sendGridToken string
        """,
    ),
    (
        "template-parameter-not-secret",
        "m.bicep",
        [4],
        """
        @secure()
        param sendGridApiKey string

        param sendGridPassword string
        """,
    ),
    (
        "template-parameter-not-secret",
        "main.go",
        [5, 6],
        """
        package main
        import "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
        func f() {
         conf := config.New(ctx, "")
         k := conf.Require("sendgridApiKey")
         k2 := config.Get(ctx, "sendgrid:apiKey")
         k3 := conf.RequireSecret("sendgridApiKey")
        }
        """,
    ),
    (
        "template-parameter-not-secret",
        "Program.cs",
        [3],
        """
        using Pulumi;
        var config = new Config();
        var k = config.Require("sendgridApiKey");
        var k2 = config.RequireSecret("sendgridApiKey");
        """,
    ),
    (
        "template-parameter-not-secret",
        "i.ts",
        [2, 4],
        """
        import { Config } from "@pulumi/pulumi";
        const k = new Config().get("sendgridApiKey");
        const c = new Config("x");
        c.require("sendgridToken");
        process.env.get("SENDGRID_API_KEY");
        const m = new Map(); m.get("sendgridApiKey");
        """,
    ),
    (
        "template-parameter-not-secret",
        "s.py",
        [2],
        """
        from aws_cdk import CfnParameter
        CfnParameter(self, "SendGridApiKey", type="String")
        CfnParameter(self, "SendGridFrom")
        CfnParameter(self, "SendGridKey", type="AWS::SSM::Parameter::Value<String>")
        """,
    ),
    (
        "template-parameter-not-secret",
        "S.java",
        [4],
        """
        import software.amazon.awscdk.CfnParameter;
        class S { void f() {
         CfnParameter p = CfnParameter.Builder.create(this, "SendGridApiKey").type("String").noEcho(true).build();
         CfnParameter q = CfnParameter.Builder.create(this, "SendGridApiKey2Key").type("String").build();
        } }
        """,
    ),
    (
        "template-parameter-not-secret",
        "S.cs",
        [4],
        """
        using Amazon.CDK;
        class S { void F() {
         new CfnParameter(this, "SendGridApiKey", new CfnParameterProps { Type = "String", NoEcho = true });
         new CfnParameter(this, "SendGridKey", new CfnParameterProps { Type = "String" });
        } }
        """,
    ),
    (
        "template-parameter-not-secret",
        "Pulumi.yaml",
        [5],
        """
        name: a
        runtime:
          name: yaml
        config:
          sendgridApiKey:
            type: string
          sendgridToken:
            type: string
            secret: true
          sendgridKey:
            value: abc
        """,
    ),
    (
        "terraform-secret-not-sensitive",
        "v.tf",
        [7],
        """
        variable "sendgrid_api_key" {
          type = object({ name = string })
        }
        variable "sendgrid_key" {
          type = list(string)
        }
        variable sendgrid_token {
        }
        """,
    ),
    (
        "terraform-secret-not-sensitive",
        "v.tf",
        [1, 4, 11],
        """
        output "a" {
          value = sendgrid_api_key.app["x"].api_key
        }
        output "b" {
          value = { key = sendgrid_api_key.app.api_key, id = 1 }
        }
        output "c" {
          value = sendgrid_api_key.app.name
          description = "the api_key"
        }
        output "d" {
          value = [for k in sendgrid_api_key.app : k.api_key]
        }
        output "e" {
          value = module.mail.sendgrid_domain
        }
        output "f" {
         value = sendgrid_subuser.x.password_wo_version
        }
        output "g" {
         value = aws_ssm_parameter.sendgrid_api_key.arn
        }
        """,
    ),
    (
        "terraform-secret-not-sensitive",
        "v.tf",
        [],
        """
        module "mail" {
          source = "./m"
          sendgrid_api_key = var.sendgrid_api_key
        }
        locals {
          variable = "sendgrid_api_key"
        }
        """,
    ),
    (
        "terraform-state-secret",
        "x.auto.tfvars",
        [3, 5],
        """
        sendgrid_api_key = var.x
        keys = {
          sendgrid_api_key = "{password}"
        }
        mail_key = "{key}"
        """,
    ),
    (
        "tracked-env-file",
        ".envrc",
        [1],
        """
        export SENDGRID_API_KEY={key}
        """,
    ),
    (
        "tracked-env-file",
        ".env.test",
        [],
        """
        SENDGRID_API_KEY=SG.test
        MAIL_PASSWORD={password}
        """,
    ),
    (
        "tracked-env-file",
        ".env",
        [2],
        """
        MAIL_HOST=smtp.sendgrid.net
        MAIL_PASSWORD={password}
        APP_PASSWORD={password}
        """,
    ),
    (
        "tracked-env-file",
        ".env",
        [1, 2, 3, 4],
        """
        SENDGRID_API_KEY=${X:-{password}}
        # SENDGRID_KEY={key}
        export SG_API_KEY='{key2}'
        FOO="smtp://apikey:{key}@smtp.sendgrid.net:587"
        """,
    ),
    (
        "tracked-env-file",
        "environment.env.ts",
        [],
        """
        SENDGRID_API_KEY={password}
        """,
    ),
    (
        "tracked-env-file",
        "prod.env.json",
        [],
        """
        {"SENDGRID_API_KEY": "{password}"}
        """,
    ),
    (
        "tracked-env-file",
        "env.production",
        [],
        """
        SENDGRID_API_KEY={password}
        """,
    ),
    (
        "tracked-env-file",
        "apps/api/.env.development",
        [1],
        """
        REACT_APP_SENDGRID_API_KEY={key}
        NEXT_PUBLIC_SENDGRID_FROM=a
        """,
    ),
    (
        "tracked-env-file",
        ".env.vault",
        [],
        """
        DOTENV_VAULT="abcd"
        SENDGRID_KEY=encrypted:abcdef
        """,
    ),
    (
        "tracked-env-file",
        "config/.env.local.php",
        [],
        """
        <?php return ['SENDGRID_API_KEY' => '{password}'];
        """,
    ),
    (
        "secret-in-mobile-app",
        "res/values-de/strings.xml",
        [2, 5],
        """
        <resources>
          <string name="sendGridKey">
            {key}
          </string>
          <item name="sendgrid_api_key" type="string">{key}</item>
        </resources>
        """,
    ),
    (
        "secret-in-mobile-app",
        "app/build.gradle",
        [4, 6, 7],
        """
        apply plugin: 'com.android.application'
        android {
          defaultConfig {
            manifestPlaceholders = [sendgridApiKey: SENDGRID_API_KEY, x: 1]
            manifestPlaceholders.sendgridKey = 'abc'
            resValue 'string', 'sendgrid_key', sendgridKey
            buildConfigField 'String', 'SENDGRID_API_KEY', SENDGRID_API_KEY
          }
        }
        """,
    ),
    (
        "secret-in-mobile-app",
        "app/build.gradle.kts",
        [4, 5, 6],
        """
        plugins { id("com.android.application") }
        android {
          defaultConfig {
            manifestPlaceholders["sendgridApiKey"] = key
            manifestPlaceholders += mapOf("sendgridToken" to key)
            buildConfigField(type = "String", name = "SENDGRID_API_KEY", value = key)
          }
        }
        """,
    ),
    (
        "secret-in-mobile-app",
        "Secrets.plist",
        [3],
        """
        <plist version="1.0"><dict>
        <key>mail</key><dict>
        <key>sendgrid_api_key</key><string>{key}</string>
        <key>sendgrid_key</key>
        <string>YOUR_KEY</string>
        <key>sendgrid_token</key><string></string>
        </dict></dict></plist>
        """,
    ),
    (
        "secret-in-mobile-app",
        "Debug.xcconfig",
        [2],
        """
        #include "x"
        SENDGRID_API_KEY = $(SG)
        SENDGRID_TOKEN =
        SENDGRID_KEY = your-key-here
        // SENDGRID_API_KEY = {key}
        """,
    ),
    (
        "secret-in-mobile-app",
        "app.json",
        [1],
        """
        {"expo":{"name":"a","extra":{"sendgridApiKey":"{key}","sendgridFrom":"a"}}}
        """,
    ),
    (
        "secret-in-mobile-app",
        "app.config.js",
        [1],
        """
        export default { expo: { extra: { sendgridApiKey: process.env.SENDGRID_API_KEY } } };
        """,
    ),
    (
        "secret-in-mobile-app",
        "codemagic.yaml",
        [4],
        """
        workflows:
          a:
            scripts:
              - flutter build apk --dart-define=SENDGRID_API_KEY=$SENDGRID_API_KEY
              - flutter build apk --dart-define=SENDGRID_FROM=$X
        """,
    ),
    (
        "secret-in-mobile-app",
        "lib/a.dart",
        [],
        """
        // flutter run --dart-define=SENDGRID_API_KEY=x
        /// --dart-define=SENDGRID_API_KEY=x
        const k = 1;
        """,
    ),
    (
        "secret-in-mobile-app",
        "src/form.jsx",
        [],
        """
        <input name="sendgrid_api_key" />
        """,
    ),
    (
        "secret-in-mobile-app",
        "config.xml",
        [],
        """
        <resources><x/></resources><settings><string name="sendgrid_api_key">{password}</string></settings>
        """,
    ),
    (
        "secret-in-image",
        ".github/workflows/a.yml",
        [6],
        """
        jobs:
          a:
            steps:
            - uses: docker/build-push-action@v6
              with:
                build-args: SENDGRID_API_KEY=${{ secrets.SENDGRID_API_KEY }}
                secrets: SENDGRID_TOKEN=${{ secrets.X }}
        """,
    ),
    (
        "secret-in-plain-store",
        ".travis.yml",
        [1],
        """
        env: SENDGRID_API_KEY={key}
        """,
    ),
]


@pytest.mark.parametrize(
    ("rule", "path", "lines", "text"), CASES, ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)]
)
def test_is_found_on_exactly_its_lines(rule: str, path: str, lines: list[int], text: str) -> None:
    example = Example(dedent(text).lstrip("\n"), path, tuple(lines))
    assert failures(replace(RULES[rule], examples=(example,), counter_examples=())) == []


def test_env_file_counts_where_git_has_it(tmp_path: Path) -> None:
    for folder in ("tracked", "ignored", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".env").write_text(f"SENDGRID_API_KEY={key()}\n")
    (tmp_path / ".gitignore").write_text("/ignored/\n/new/*\n!/new/.env\n")
    assert _env_files(tmp_path) == {("ignored/.env", "note"), ("new/.env", "note"), ("tracked/.env", "note")}
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "tracked"], cwd=tmp_path, check=True)
    assert _env_files(tmp_path) == {("tracked/.env", "error")}
    assert _env_files(tmp_path, "tracked", "new") == {("tracked/.env", "error")}
    assert _env_files(tmp_path, "tracked") == {(".env", "error")}
    assert _env_files(tmp_path, "tracked/.env", "ignored/.env") == {("tracked/.env", "error")}


def test_whole_repository_is_judged_from_its_root_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "mail.py").write_text("import sendgrid, dotenv\n")
    args = ("--rule", "env-file-not-ignored", "--rule", "no-secret-scanning")
    assert len(_findings(tmp_path, ".", *args)) == 2
    assert _findings(tmp_path, "app", *args) == []
    (tmp_path / ".gitignore").write_text(".env\n")
    (tmp_path / ".secrets.baseline").write_text("{}\n")
    assert _findings(tmp_path, ".", *args) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", "docker build --build-arg SENDGRID_TOKEN={} ."),
        ("a.sh", "flutter build apk --dart-define=SENDGRID_TOKEN={}"),
        ("a.sh", "aws ssm put-parameter --name /sendgrid/token --value {} --type String"),
        ("a.sh", "gh variable set SENDGRID_TOKEN --body '{}'"),
        ("m.bicep", "param sendgridToken string = '{}'"),
        ("v.tf", 'variable "sendgrid_token" {{ default = "{}" }}'),
        ("t.json", '{{"Resources": {{}}, "Parameters": {{"SendGridToken": {{"Type": "String", "Default": "{}"}}}}}}'),
        ("Dockerfile", "ENV SENDGRID_TOKEN={}"),
        ("build.gradle", """android {{ resValue "string", "sendgrid_token", "{}" }}"""),
    ],
)
def test_literal_beside_what_is_told_is_hidden(path: str, text: str, tmp_path: Path) -> None:
    (tmp_path / path).write_text(text.format("Zx9Kq2LmW7vTq") + "\n")
    done = sgleaks("scan", "--no-config", path, cwd=tmp_path)
    assert "1 |" in done.out
    assert "Zx9Kq2LmW7vTq" not in done.out


def _env_files(folder: Path, *paths: str) -> set[tuple[str, str]]:
    found = _findings(folder, *(paths or (".",)), "--rule", "tracked-env-file")
    return {(each["path"], each["level"]) for each in found}


def _findings(folder: Path, *args: str) -> list[dict[str, Any]]:
    report = sgleaks("scan", "--format", "json", "--no-config", *args, cwd=folder).report
    return [each for each in report["findings"] if each["rule"] != "api-key"]
