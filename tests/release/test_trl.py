"""TRL takes the configs as they are: its own format checks, and one step of each trainer on a tiny model that knows nothing.

Needs torch, transformers and trl, which the server has no use for; skipped where they are not installed (`pip install torch==2.13.0 trl`).
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sharelm.release.card import configs_of
from tests.collection.made import run, write_lines
from tests.release.made import row, write_release

pytest.importorskip("torch", reason="torch is not installed: pip install torch==2.13.0 trl")
pytest.importorskip("trl", reason="trl is not installed: pip install torch==2.13.0 trl")

pytestmark = pytest.mark.timeout(600)
TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}</s>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)
WORDS = "why does bread rise because yeast lives and salt slows it down question answer first second third"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Conversations of two turns, with thumbs."""
    folder = tmp_path_factory.mktemp("trl") / "2026.1.0"
    said = [("user", "why does bread rise"), ("assistant", "because yeast lives"), ("user", "and salt"), ("assistant", "salt slows it down")]
    write_release(folder, "2026.1.0", [row(number, *said, ratings=[None, 1, None, -1]) for number in range(8)])
    splits = {config.name: {path.name.partition("-")[0] for path in config.glob("*.parquet")} for config in folder.iterdir() if config.is_dir()}
    (folder / "README.md").write_text(f"---\nconfigs: {json.dumps(configs_of(splits))}\n---\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def load(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from datasets import load_dataset

    cache = str(tmp_path_factory.mktemp("cache"))
    return lambda config: load_dataset(str(release), config, split="train", cache_dir=cache)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`preference`, which public datasets bring."""
    from datasets import load_dataset

    folder = tmp_path_factory.mktemp("pairs")
    (folder / "helpful-base").mkdir()
    asked = [f"\n\nHuman: {word} does bread rise\n\nAssistant:" for word in WORDS.split()[:8]]
    lines = [{"chosen": f"{question} because yeast lives", "rejected": f"{question} salt"} for question in asked]
    run("hh-rlhf", write_lines(folder / "helpful-base/train.jsonl.gz", lines), out=folder / "out")
    return load_dataset("parquet", data_files=str(folder / "out/preference/*.parquet"), split="train", cache_dir=str(folder / "cache"))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<unk>", "</s>", "<user>", "<assistant>", "<system>"]
    vocabulary = {word: number for number, word in enumerate([*special, *dict.fromkeys(WORDS.split())])}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.add_special_tokens(special)
    made = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>", eos_token="</s>")
    made.chat_template = TEMPLATE
    return made


@pytest.fixture
def model(tokenizer: Any) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=256,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.eos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def settings(kind: Any, folder: Path, **more: Any) -> Any:
    return kind(
        output_dir=str(folder), max_steps=1, per_device_train_batch_size=2, report_to=[], use_cpu=True, save_strategy="no", bf16=False, **more
    )


def loss_of(trainer: Any) -> float:
    trainer.train()
    return float(trainer.state.log_history[-1]["train_loss"])


@pytest.mark.parametrize("config", ["sft", "kto"])
def test_it_knows_the_config_as_conversations(load: Any, config: str) -> None:
    from trl.data_utils import is_conversational

    dataset = load(config)
    assert all(is_conversational(example) for example in dataset)


def test_supervised_fine_tuning_takes_a_step(load: Any, model: Any, tokenizer: Any, tmp_path: Path) -> None:
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(model=model, args=settings(SFTConfig, tmp_path), train_dataset=load("sft"), processing_class=tokenizer)
    assert loss_of(trainer) > 0


def test_learning_from_thumbs_takes_a_step(load: Any, model: Any, tokenizer: Any, tmp_path: Path) -> None:
    from trl import KTOConfig, KTOTrainer

    trainer = KTOTrainer(
        model=model, ref_model=deepcopy(model), args=settings(KTOConfig, tmp_path), train_dataset=load("kto"), processing_class=tokenizer
    )
    assert loss_of(trainer) > 0


def test_learning_from_pairs_takes_a_step(pairs: Any, model: Any, tokenizer: Any, tmp_path: Path) -> None:
    from trl import DPOConfig, DPOTrainer
    from trl.data_utils import is_conversational

    assert all(is_conversational(example) for example in pairs)
    trainer = DPOTrainer(model=model, ref_model=deepcopy(model), args=settings(DPOConfig, tmp_path), train_dataset=pairs, processing_class=tokenizer)
    assert loss_of(trainer) > 0
