"""What jobs and scripts print, and which workflows run strangers' code: the many ways to write it."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from sgleaks.check import failures
from sgleaks.model import Example
from sgleaks.rule import builtin_rules, load_folder

RULES = load_folder(builtin_rules())

# The rule, the file, the lines that are found in it, and what it says.
CASES = [
    (
        "secret-printed-in-ci",
        ".github/workflows/a.yml",
        [6, 7, 8, 9, 12, 16],
        """
        jobs:
          a:
            env:
              SENDGRID_API_KEY: ${{ secrets.SENDGRID_API_KEY }}
            steps:
            - run: env
            - run: printenv
            - run: export -p
            - run: env | sort
            - run: env > a.txt
            - run: env | cut -d= -f1
            - run: set
            - run: env | grep NODE
            - run: set +x
            - shell: pwsh
              run: Get-ChildItem Env:
            - run: env -i bash -c x
            - run: printenv PATH
        """,
    ),
    (
        "secret-printed-in-ci",
        ".github/workflows/a.yml",
        [8, 10],
        """
        env:
          SENDGRID_API_KEY: ${{ secrets.SENDGRID_API_KEY }}
        jobs:
          a:
            steps:
            - name: x
              run: |
                set -euxo pipefail
                npm test
            - run: bash -x deploy.sh
        """,
    ),
    (
        "secret-printed-in-ci",
        ".github/workflows/a.yml",
        [4, 5],
        """
        jobs:
          a:
            steps:
            - run: echo ${{ secrets.SENDGRID_API_KEY }}
            - run: 'echo "key: ${{ secrets.SENDGRID_API_KEY }}"'
            - run: echo "has key ${{ secrets.SENDGRID_API_KEY != '' }}"
            - run: echo "${{ env.SENDGRID_API_KEY }}" | base64
            - run: echo "SENDGRID_API_KEY=${{ secrets.SENDGRID_API_KEY }}" >> $GITHUB_OUTPUT
            - run: |
                cat > .env << EOF
                SENDGRID_API_KEY=${{ secrets.SENDGRID_API_KEY }}
                EOF
        """,
    ),
    (
        "secret-printed-in-ci",
        ".github/workflows/a.yml",
        [],
        """
        jobs:
          a:
            steps:
            - run: |
                if [ -z "$SENDGRID_API_KEY" ]; then
                  echo "SENDGRID_API_KEY is not set"
                else
                  echo "SENDGRID_API_KEY is ${SENDGRID_API_KEY:0:5}..."
                fi
                [[ -n $SENDGRID_API_KEY ]] && echo yes || echo no
                echo "::add-mask::$SENDGRID_API_KEY"
                echo "key=${SENDGRID_API_KEY}" | tee -a .env > /dev/null
                printf '%s' "$SENDGRID_API_KEY" | wc -c
                test -n "$SENDGRID_API_KEY" && echo ok
        """,
    ),
    (
        "secret-printed-in-ci",
        ".circleci/config.yml",
        [8],
        """
        version: 2.1
        jobs:
          a:
            docker: [{image: x}]
            steps:
              - run:
                  name: dbg
                  command: echo $SENDGRID_API_KEY
              - run: printenv
              - run: ./send $SENDGRID_API_KEY
        """,
    ),
    (
        "secret-printed-in-ci",
        ".gitlab-ci.yml",
        [3, 6],
        """
        a:
          script:
            - echo $SENDGRID_API_KEY
            - echo "$SENDGRID_API_KEY" | base64
          after_script:
            - env
        """,
    ),
    (
        "secret-printed-in-ci",
        "bitbucket-pipelines.yml",
        [5, 6],
        """
        pipelines:
          default:
          - step:
              script:
                - echo $SENDGRID_API_KEY
                - printenv
        """,
    ),
    (
        "secret-printed-in-ci",
        "azure-pipelines.yml",
        [3, 4, 7, 9, 11],
        """
        steps:
        - bash: |
            echo $(SENDGRID_API_KEY)
            printenv | sort
          env:
            SENDGRID_API_KEY: $(sg)
        - powershell: Write-Host $(sendgridApiKey)
        - pwsh: |
            Write-Host "$env:SENDGRID_API_KEY"
        - script: echo ##vso[task.setvariable variable=a;issecret=true]$(SENDGRID_API_KEY)
        - script: echo %SENDGRID_API_KEY%
        """,
    ),
    (
        "secret-printed-in-ci",
        "Dockerfile",
        [3, 4],
        """
        FROM a
        ARG SENDGRID_API_KEY
        RUN echo $SENDGRID_API_KEY
        RUN env
        RUN set -x && npm i
        RUN echo SENDGRID_API_KEY=$SENDGRID_API_KEY > .env
        """,
    ),
    (
        "secret-printed-in-ci",
        "run.sh",
        [2],
        """
        export SENDGRID_API_KEY=$(cat /run/x)
        env
        """,
    ),
    (
        "secret-printed-in-ci",
        "run.sh",
        [],
        """
        # sendgrid
        echo hello
        env
        set -x
        """,
    ),
    (
        "secret-printed-in-ci",
        "run.sh",
        [],
        """
        set -x
        read -s SENDGRID_API_KEY
        set +x
        curl -H "Bearer $SENDGRID_API_KEY" https://api.sendgrid.com
        """,
    ),
    (
        "secret-printed-in-ci",
        "run.sh",
        [2, 3],
        """
        read -p 'Enter key: ' SENDGRID_API_KEY
        echo "You gave $SENDGRID_API_KEY"
        cat <<EOF
        SENDGRID_API_KEY=$SENDGRID_API_KEY
        EOF
        cat <<EOF > x
        $SENDGRID_API_KEY
        EOF
        """,
    ),
    (
        "secret-printed-in-ci",
        "Makefile",
        [3, 5],
        """
        SENDGRID_API_KEY ?= x
        show:
        \t@echo "key: $(SENDGRID_API_KEY)"
        \t@echo SENDGRID_API_KEY=$(SENDGRID_API_KEY) > .env
        \tprintenv
        """,
    ),
    (
        "secret-printed-in-ci",
        "x.ps1",
        [3, 6],
        """
        $key = $env:SENDGRID_API_KEY
        Write-Host "set SENDGRID_API_KEY"
        Write-Host ('key ' + $env:SENDGRID_API_KEY)
        "$env:SENDGRID_API_KEY" | Out-File x
        Write-Output "SENDGRID_API_KEY=$env:SENDGRID_API_KEY" | Out-File .env
        Get-ChildItem env:
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [2],
        """
        on:
          pull_request_target:
            types: [opened]
        jobs:
          a:
            env:
              SENDGRID_API_KEY: ${{ secrets.SENDGRID_API_KEY }}
            runs-on: u
            steps:
            - uses: actions/checkout@v4
              with:
                ref: ${{ github.event.pull_request.head.ref }}
                repository: ${{ github.event.pull_request.head.repo.full_name }}
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [3],
        """
        on:
          - push
          - pull_request_target
        jobs:
          a:
            runs-on: u
            steps:
            - uses: actions/checkout@v4
            - run: git fetch origin pull/${{ github.event.number }}/head:pr && git checkout pr
            - uses: x/send@v1
              with:
                key: ${{ secrets.SENDGRID_API_KEY }}
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [1],
        """
        on: {pull_request_target: {branches: [main]}}
        env: {SENDGRID_API_KEY: '${{ secrets.SENDGRID_API_KEY }}'}
        jobs:
          a:
            runs-on: u
            steps:
            - uses: actions/checkout@v4
              with: {ref: '${{ github.head_ref }}'}
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [],
        """
        on:
          workflow_run:
            workflows: [ci]
            types: [completed]
        jobs:
          a:
            if: github.event.workflow_run.event == 'push'
            env: {SENDGRID_API_KEY: '${{ secrets.SENDGRID_API_KEY }}'}
            runs-on: u
            steps:
            - uses: actions/checkout@v4
              with: {ref: '${{ github.event.workflow_run.head_sha }}'}
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [2],
        """
        on:
          workflow_run:
            workflows: [ci]
        jobs:
          a:
            if: github.event.workflow_run.conclusion == 'success'
            env: {SENDGRID_API_KEY: '${{ secrets.SENDGRID_API_KEY }}'}
            runs-on: u
            steps:
            - uses: actions/checkout@v4
              with: {ref: '${{ github.event.workflow_run.head_sha }}'}
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [],
        """
        on: pull_request_target
        jobs:
          a:
            env: {SENDGRID_FROM: '${{ secrets.SENDGRID_FROM }}'}
            runs-on: u
            steps:
            - uses: actions/checkout@v4
              with: {ref: '${{ github.event.pull_request.head.sha }}'}
        """,
    ),
    (
        "secret-reachable-from-fork",
        ".github/workflows/a.yml",
        [],
        """
        on: pull_request_target
        jobs:
          a:
            if: ${{ !github.event.pull_request.head.repo.fork }}
            env: {SENDGRID_API_KEY: '${{ secrets.SENDGRID_API_KEY }}'}
            runs-on: u
            steps:
            - uses: actions/checkout@v4
              with: {ref: '${{ github.event.pull_request.head.sha }}'}
        """,
    ),
    (
        "secret-reachable-from-fork",
        "action.yml",
        [],
        """
        name: a
        runs:
          using: composite
          steps: []
        # sendgrid pull_request_target
        """,
    ),
]


@pytest.mark.parametrize(
    ("rule", "path", "lines", "text"), CASES, ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)]
)
def test_is_found_on_exactly_its_lines(rule: str, path: str, lines: list[int], text: str) -> None:
    example = Example(dedent(text).lstrip("\n"), path, tuple(lines))
    assert failures(replace(RULES[rule], examples=(example,), counter_examples=())) == []
