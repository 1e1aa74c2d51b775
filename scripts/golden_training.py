#!/usr/bin/env python3
"""Makes the golden values that the trainer's tests compare with.

    python3 -m venv .venv && .venv/bin/pip install -r scripts/golden-requirements.txt
    .venv/bin/python scripts/golden_training.py

It writes crates/trainer/tests/golden: inputs that follow from the seeds below, and what PyTorch's
own losses, autograd, optimizer and clipping, and transformers' schedule say about them. Nothing
here repeats how the trainer computes; where PyTorch has no such function the formula is written
out, one term or one query at a time. A developer runs it when a case is added and commits the
result, CI never does.

    losses.safetensors      queries [4, 40], documents [12, 40] (of each query its positive, then
                            two negatives), candidates [4, 12], teacher [4, 3], shares [40]; and for
                            each case of golden.json its value and its gradients: CASE.value,
                            CASE.queries, CASE.documents. float64.
    optimizer.safetensors   for each case the parameters before and after each step, the gradients
                            given, the moments after the last step; gradients before and after
                            clipping. float64.
    network.safetensors     the gradient of every parameter of the encoder's golden model bert-tied,
                            computed in float64 and rounded to float32, which is a hundred times
                            finer than what is compared.
    golden.json             the cases and their settings, and the tables of the schedules.

The trainer counts steps from 1, and none of its steps has rate 0. transformers counts from 0, and
with warm-up its first rate is 0. So with warm-up the rate of the trainer's step n is what
transformers has at n for one training step more; without warm-up it is what transformers has at n -
1.
"""

import json
import math
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch.nn import functional
from transformers import AutoModelForMaskedLM, get_linear_schedule_with_warmup

CRATES = Path(__file__).resolve().parent.parent / "crates"
GOLDEN = CRATES / "trainer" / "tests" / "golden"
ENCODER_GOLDEN = CRATES / "model" / "tests" / "golden"

QUERIES, NEGATIVES, VOCABULARY = 4, 2, 40
EACH = 1 + NEGATIVES
DOCUMENTS = QUERIES * EACH
POSITIVES = torch.arange(QUERIES) * EACH


def normal(shape, generator):
    return torch.empty(shape, dtype=torch.float64).normal_(generator=generator)


# ---------------------------------------------------------------- losses and regularizers


def loss_inputs():
    generator = torch.Generator().manual_seed(21)
    inputs = {
        # Exact zeros, as relu leaves them.
        "queries": 0.7 * normal((QUERIES, VOCABULARY), generator).relu(),
        "documents": 0.7 * normal((DOCUMENTS, VOCABULARY), generator).relu(),
        "teacher": 4 + 2 * normal((QUERIES, EACH), generator),
        "shares": torch.empty(VOCABULARY, dtype=torch.float64).uniform_(generator=generator) ** 3,
        "candidates": torch.empty(QUERIES, DOCUMENTS).uniform_(generator=generator) < 0.6,
    }
    inputs["queries"][:, 7] = 0
    inputs["documents"][:, 7:9] = 0
    inputs["candidates"][torch.arange(QUERIES), POSITIVES] = True
    # One query has but its positive left, with a loss of 0.
    inputs["candidates"][2] = torch.arange(DOCUMENTS) == POSITIVES[2]
    for place, share in enumerate([0, 0, 0, 1, 1, 0.1, 0.01, 1e-6, 0.5, 0.999]):
        inputs["shares"][4 * place] = share
    return inputs


def own_scores(queries, documents):
    """[queries, 1 + negatives]: each query with its own documents."""
    return torch.einsum("qv,qdv->qd", queries, documents.view(QUERIES, EACH, VOCABULARY))


def info_nce(queries, documents, inputs):
    return functional.cross_entropy(queries @ documents.T, POSITIVES)


def info_nce_candidates(queries, documents, inputs):
    """Query by query over the documents that are left."""
    losses = []
    for query in range(QUERIES):
        left = inputs["candidates"][query].nonzero().flatten()
        place = (left == POSITIVES[query]).nonzero().flatten()
        losses.append(
            functional.cross_entropy((documents[left] @ queries[query]).unsqueeze(0), place)
        )
    return sum(losses) / QUERIES


def margin_mse(queries, documents, inputs):
    student, teacher = own_scores(queries, documents), inputs["teacher"]
    margins = [scores[:, :1].expand(-1, NEGATIVES) - scores[:, 1:] for scores in (student, teacher)]
    return functional.mse_loss(*margins)


def kl_divergence(queries, documents, inputs):
    student = own_scores(queries, documents).log_softmax(-1)
    return functional.kl_div(student, inputs["teacher"].softmax(-1), reduction="batchmean")


def l1(weights, inputs):
    return sum(row.norm(p=1) for row in weights) / len(weights)


def flops(weights, inputs):
    return sum((column.abs().sum() / len(column)) ** 2 for column in weights.T)


def df_flops(alpha, beta):
    """arXiv 2505.15070, as the trainer documents it: the weight of a term within the square."""

    def term_weight(share):
        return 0.0 if share == 0 else 1 / (1 + (share ** math.log(2, alpha) - 1) ** beta)

    def penalty(weights, inputs):
        shares = inputs["shares"].tolist()
        return sum(
            (term_weight(x) * column.abs().sum() / len(column)) ** 2
            for x, column in zip(shares, weights.T)
        )

    return penalty


LOSSES = {
    "info-nce": info_nce,
    "info-nce-candidates": info_nce_candidates,
    "margin-mse": margin_mse,
    "kl-divergence": kl_divergence,
}

# The trainer's settings for each, and the reference.
REGULARIZERS = {
    "l1": ({"kind": "l1"}, l1),
    "flops": ({"kind": "flops"}, flops),
    "df-flops": ({"kind": "df-flops", "alpha": 0.1, "beta": 10.0}, df_flops(0.1, 10.0)),
    "df-flops-gentle": ({"kind": "df-flops", "alpha": 0.02, "beta": 3.5}, df_flops(0.02, 3.5)),
}


def make_losses():
    inputs = loss_inputs()
    tensors = dict(inputs)

    def add(name, compute, *sides):
        variables = [inputs[side].clone().requires_grad_() for side in sides]
        value = compute(*variables, inputs)
        tensors[f"{name}.value"] = value.detach()
        for side, gradient in zip(sides, torch.autograd.grad(value, variables)):
            tensors[f"{name}.{side}"] = gradient
        print(f"{name}: {value.item():.6g}")

    for name, compute in LOSSES.items():
        add(name, compute, "queries", "documents")
    for name, (_, compute) in REGULARIZERS.items():
        for side in ("queries", "documents"):
            add(f"{name}.{side}", compute, side)
    save(tensors, "losses")
    return {
        "losses": list(LOSSES),
        "regularizers": [
            {"name": name, "settings": settings} for name, (settings, _) in REGULARIZERS.items()
        ],
    }


# ---------------------------------------------------------------- optimizer and clipping

# Names as models have them, shapes, and whether weight decay is for them.
PARAMETERS = {
    "bert.embeddings.word_embeddings.weight": ((7, 4), True),
    "bert.encoder.layer.0.attention.self.query.weight": ((4, 4), True),
    "bert.encoder.layer.0.attention.self.query.bias": ((4,), False),
    "bert.encoder.layer.0.output.LayerNorm.weight": ((4,), False),
    "bert.encoder.layer.0.output.LayerNorm.bias": ((4,), False),
    "distilbert.transformer.layer.0.sa_layer_norm.weight": ((4,), False),
    "cls.predictions.bias": ((7,), False),
}
RATES = [0.05, 0.2, 0.01]
OPTIMIZERS = {
    "adamw": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
    "adamw-other": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weight_decay": 0.3},
}
# Below the norm, far below, and above.
CLIPS = {"clip": 1.0, "clip-hard": 1e-3, "clip-not": 100.0}


def given_gradients(generator):
    gradients = {name: normal(shape, generator) for name, (shape, _) in PARAMETERS.items()}
    # A word that no text has, a gradient of the size of epsilon, a large one.
    gradients["bert.embeddings.word_embeddings.weight"][3] = 0
    gradients["bert.embeddings.word_embeddings.weight"][4] *= 1e-8
    gradients["bert.encoder.layer.0.attention.self.query.weight"][1] *= 30
    return gradients


def make_optimizer():
    generator = torch.Generator().manual_seed(22)
    start = {name: normal(shape, generator) for name, (shape, _) in PARAMETERS.items()}
    steps = [given_gradients(generator) for _ in RATES]
    tensors = {f"start.{name}": tensor for name, tensor in start.items()}
    for number, gradients in enumerate(steps, 1):
        tensors |= {f"gradient.{number}.{name}": tensor for name, tensor in gradients.items()}
    for case, settings in OPTIMIZERS.items():
        tensors |= adamw(case, settings, start, steps)
    norms = {}
    for case, most in CLIPS.items():
        variables = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
        for name, variable in variables.items():
            variable.grad = steps[0][name].clone()
        norms[case] = torch.nn.utils.clip_grad_norm_(variables.values(), most).item()
        tensors |= {f"{case}.{name}": variable.grad for name, variable in variables.items()}
        print(f"{case}: norm {norms[case]:.6g}")
    save(tensors, "optimizer")
    return {
        "parameters": list(PARAMETERS),
        "rates": RATES,
        "optimizers": [{"name": name, **settings} for name, settings in OPTIMIZERS.items()],
        "clips": [
            {"name": name, "most": most, "norm": norms[name]} for name, most in CLIPS.items()
        ],
    }


def adamw(case, settings, start, steps):
    variables = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
    groups = [
        {
            "params": [
                variables[name] for name, (_, decays) in PARAMETERS.items() if decays == wanted
            ],
            "weight_decay": settings["weight_decay"] if wanted else 0.0,
        }
        for wanted in (True, False)
    ]
    betas = (settings["beta1"], settings["beta2"])
    optimizer = torch.optim.AdamW(groups, betas=betas, eps=settings["epsilon"])
    tensors = {}
    for number, (rate, gradients) in enumerate(zip(RATES, steps), 1):
        for group in optimizer.param_groups:
            group["lr"] = rate
        for name, variable in variables.items():
            variable.grad = gradients[name].clone()
        optimizer.step()
        tensors |= {
            f"{case}.{number}.{name}": variable.detach().clone()
            for name, variable in variables.items()
        }
    for name, variable in variables.items():
        state = optimizer.state[variable]
        tensors |= {
            f"{case}.{name}.mean": state["exp_avg"],
            f"{case}.{name}.square": state["exp_avg_sq"],
        }
    return tensors


# ---------------------------------------------------------------- schedules

SCHEDULES = [(2e-5, 10, 60), (1e-3, 0, 7), (1.0, 1, 5), (3e-4, 5, 5), (1e-3, 9, 3)]
WARMUPS = [(0.08, 12), (3.0, 1)]


def learning_rates(peak, warmup, steps):
    """transformers' rates in the trainer's count of steps: see the top of this file."""
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=peak)
    schedule = get_linear_schedule_with_warmup(optimizer, warmup, steps + (warmup > 0))
    rates = []
    for _ in range(steps + 2):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return rates[1 : steps + 1] if warmup > 0 else rates[:steps]


def quadratic_warmup(value, warmup):
    """As naver/splade keeps it: a counter that stops at the end of the warm-up."""
    counter, values = 0, []
    for _ in range(warmup + 4):
        counter = min(counter + 1, warmup)
        values.append(value * (counter / warmup) ** 2)
    return values


def make_schedules():
    names = ("peak", "warmup", "steps", "rates")
    rates = [dict(zip(names, (*case, learning_rates(*case)))) for case in SCHEDULES]
    names = ("lambda", "warmup", "values")
    return {
        "rates_by_step": rates,
        "lambdas_by_step": [dict(zip(names, (*c, quadratic_warmup(*c)))) for c in WARMUPS],
    }


# ---------------------------------------------------------------- the whole network

MODEL = "bert-tied"
# Of different lengths, and no maximum within 1e-4 of another token's or of zero, where float32
# might choose otherwise.
TEXTS = (3, 27)
# Scores of such vectors are 20 and more apart: without it the softmax would have nothing left to
# tell.
TEMPERATURE = 10.0


def make_network():
    """Each text alone, so without padding; each is the positive of the other."""
    cases = json.loads((ENCODER_GOLDEN / f"{MODEL}.json").read_text())["cases"]
    ids = {case["text_index"]: case["ids"] for case in cases if case["max_length"] == 128}
    texts = [ids[text] for text in TEXTS]
    model = AutoModelForMaskedLM.from_pretrained(
        ENCODER_GOLDEN / MODEL, dtype=torch.float64, attn_implementation="eager"
    ).eval()
    # Before transformers 5, BERT's decoder never had a bias of its own.
    model.cls.predictions.decoder.bias = model.cls.predictions.bias
    logits = [model(input_ids=torch.tensor([text])).logits[0] for text in texts]
    vectors = torch.stack([one.relu().log1p().amax(0) for one in logits])
    contrast = functional.cross_entropy(vectors @ vectors.T / TEMPERATURE, torch.tensor([1, 0]))
    loss = contrast + flops(vectors, {})
    loss.backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    missing = [name for name, gradient in gradients.items() if gradient is None]
    assert not missing, missing
    best = torch.cat([one.topk(2, dim=0).values.T for one in logits])
    gap = (best[:, 0] - best[:, 1])[best[:, 0] > 0].min().item()
    zero = torch.cat([one.amax(0) for one in logits]).abs().min().item()
    print(f"network: loss {loss.item():.6g}, of which InfoNCE {contrast.item():.6g}")
    print(f"  maxima are {gap:.1g} apart and {zero:.1g} from 0, or more")
    assert min(gap, zero) > 1e-4
    for name, gradient in gradients.items():
        print(f"  {gradient.norm().item():10.3g}  {name}")
    save({name: gradient.float() for name, gradient in gradients.items()}, "network")
    return {
        "network": {
            "model": MODEL,
            "texts": texts,
            "temperature": TEMPERATURE,
            "loss": loss.item(),
            "tensors": [
                {
                    "name": name,
                    "norm": gradient.norm().item(),
                    "first": gradient.flatten()[:8].tolist(),
                }
                for name, gradient in gradients.items()
            ],
        }
    }


# ---------------------------------------------------------------- files


def save(tensors, name):
    path = GOLDEN / f"{name}.safetensors"
    save_file({key: tensor.detach().contiguous() for key, tensor in tensors.items()}, path)
    path.chmod(0o644)


def main():
    torch.set_num_threads(1)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    content = versions | make_losses() | make_optimizer() | make_schedules() | make_network()
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    (GOLDEN / "golden.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
