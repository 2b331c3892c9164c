SHELL := /bin/bash
BIN := .venv/bin
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
.DEFAULT_GOAL := help
.PHONY: help setup check test long crash fuzz demo demo-asterisk bench fmt lock

help: ## 列出命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## 准备运行环境（可重复执行，无变化时不做事）
	@deploy/setup.sh demo

check: ## 格式、静态检查、类型、依赖方向
	@$(BIN)/ruff format --check --quiet && $(BIN)/ruff check --quiet && $(BIN)/pyright --warnings && $(BIN)/lint-imports

test: ## 日常全套测试，缺什么装什么
	@deploy/setup.sh test && $(MAKE) --no-print-directory check
	@$(BIN)/python hatch_build.py --npm run check && $(BIN)/python hatch_build.py --npm test
	@$(BIN)/python -m tests.whole

long: ## 日常不跑的长测试：主备接管、各处被杀、断库、TLS 全程、部分页面全程、电话性能行（约二十五分钟）
	@deploy/setup.sh test
	@HOTLINE_TEST_FULL=1 $(BIN)/python -m pytest -n 2 --dist loadfile -rA --show-capture=no -m long

crash: ## 故障全测：在每个命名位置各杀死服务十次（约十五分钟）
	@deploy/setup.sh test
	@CRASH_REPEATS=10 FAR_HANDOVERS=1000 $(BIN)/python -m pytest -n 2 -rP tests/failure tests/handovers/test_far_side.py

fuzz: ## 以任意字节测试所有解析器（至多四十五分钟）；make fuzz ONLY=ncid RUNS=100000
	@deploy/setup.sh test
	@$(BIN)/python -m tests.fuzz $(if $(ONLY),--only $(ONLY)) $(if $(RUNS),--runs $(RUNS))

demo: setup ## 演示大厅；make demo FOR=60 运行 60 秒后自动收尾并核对
	@$(BIN)/hotline demo $(if $(FOR),--for $(FOR))

demo-asterisk: ## 同一大厅，接真实的 Asterisk 与 SIPp 来电
	@deploy/setup.sh asterisk && $(MAKE) --no-print-directory setup
	@$(BIN)/hotline demo --asterisk $(if $(FOR),--for $(FOR))

bench: ## 性能数据（约十分钟，机器应空闲）；make bench ONLY=decide 只测一项
	@deploy/setup.sh asterisk && $(MAKE) --no-print-directory setup
	@$(BIN)/hotline bench $(if $(ONLY),--only $(ONLY))

fmt: ## 整理格式
	@$(BIN)/ruff check --quiet --fix; $(BIN)/ruff format --quiet

lock: ## 重新生成带哈希的依赖锁（需要 uv）
	@$(LOCK) pyproject.toml --group build -o requirements.lock
	@$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock
	@printf '%s\n' "$$(grep -o 'pyaudio[^"]*' pyproject.toml)" 'setuptools>=80' | $(LOCK) - -o requirements-audio.lock
