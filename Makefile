# Every command a person needs; `make` alone lists them. ARGS="..." is handed on.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
TMC := .venv/bin/tmc
PYTEST := $(PYTHON) -m pytest
# Two workers: the tests of one file stay together, because they may share a server they stop and kill.
WORKERS ?= 2
ARGS ?=
# The tests' server outlives each test process; it is stopped when nobody uses it any more.
STOP := $(PYTHON) -c 'from tests.database import TestServer; TestServer().embedded.stop()'

.PHONY: help run install doctor demo test check fix test-pg15 fault soak bench migration messages

help: ## Lists these commands / 列出全部命令
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: ## Starts the demonstration with its own database; Ctrl-C stops it / 启动演示（自带数据库），Ctrl-C 停止
	@.ci/setup run && exec $(TMC) run --demo $(ARGS)

install: ## Makes .venv for a server, without starting anything / 在服务器上建立运行环境，不启动
	@.ci/setup run
	@echo "已就绪 Ready: .venv/bin/tmc --help   (docs/operations.md)"

doctor: ## Says what is wrong with this installation and how to mend it / 检查本机安装并说明如何修复
	@.ci/setup run && exec $(TMC) doctor $(ARGS)

demo: ## Walks the main job as every role: make demo URL=http://127.0.0.1:8000 / 以各角色走完主流程
	@.ci/setup run && exec $(TMC) demo --base-url "$(or $(URL),http://127.0.0.1:8000)" $(ARGS)

test: ## Every check and every test; what .ci/run calls / 全部检查与测试
	@.ci/setup test
	@.ci/check; checked=$$?; \
	$(PYTEST) -n $(WORKERS) --dist loadfile $(ARGS); status=$$?; \
	if [ $$status = 1 ]; then \
		echo "失败的测试单独再跑一次(两次都失败才算失败) / what failed is tried once more, alone; what fails twice has failed"; \
		$(PYTEST) --last-failed --last-failed-no-failures none -v $(ARGS); status=$$?; \
	fi; $(STOP); \
	if [ $$status = 0 ]; then status=$$checked; fi; \
	if [ -n "$(STATUS_FILE)" ]; then echo $$status >"$(STATUS_FILE)"; else exit $$status; fi

check: ## Format, lint, types, room order, migrations, messages / 格式、静态检查、类型、房间次序、迁移、译文
	@.ci/setup test
	@.ci/check

fix: ## Formats, and mends what lint can mend / 自动格式化与修正
	@.ci/setup test
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

test-pg15: ## Every test on Debian's PostgreSQL (15 when there is a choice) / 用 Debian 的 PostgreSQL 跑全部测试
	@.ci/setup test
	@bin=$$(.ci/postgresql) && echo "PostgreSQL: $$bin" && export TMC_TEST_POSTGRES_BIN="$$bin" && \
	{ $(PYTEST) -n $(WORKERS) --dist loadfile $(ARGS); status=$$?; $(STOP); exit $$status; }

fault: ## Kills processes 11 times, runs every race 100 times / 故障与竞争测试
	@.ci/setup test
	@TMC_ROUNDS=$(or $(ROUNDS),10) $(PYTEST) -n $(WORKERS) --dist loadfile -m "fault or race or slow" $(ARGS); \
	status=$$?; $(STOP); exit $$status

soak: ## The same, for hours: make soak ROUNDS=100 / 长时间故障测试
	@$(MAKE) --no-print-directory fault ROUNDS=$(or $(ROUNDS),100)

bench: ## Measures the ways that matter and compares with the last figures / 性能测量
	@.ci/setup bench
	@$(PYTHON) -m tests.benchmarks $(ARGS)

migration: ## Writes a migration from the tables: make migration m="seats are counted" / 由表定义生成迁移
	@.ci/setup test
	@test -n "$(m)" || { echo 'make migration m="what is now true"' >&2; exit 2; }
	@$(PYTHON) .ci/migrations.py revision "$(m)"

messages: ## Brings the Chinese catalogues up to date with the code / 更新中文译文目录
	@.ci/setup test
	@$(PYTHON) .ci/messages.py update
