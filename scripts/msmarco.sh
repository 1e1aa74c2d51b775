#!/usr/bin/env bash
# The MS MARCO passage task, from the download to a comparison with published figures: dev.small,
# TREC DL 2019 and DL 2020.
#
#     scripts/msmarco.sh [--model ID|DIR] [--query-model ID|DIR] [--pooling max|sum] [--output DIR]
#         [-- ENCODER FLAGS]
#
# MODEL is naver/splade-cocondenser-ensembledistil unless given, QUERY MODEL is MODEL. Others with
# published figures: naver/splade-cocondenser-selfdistil, naver/splade-v3, and with a query model of
# their own naver/efficient-splade-V-large-doc and naver/efficient-splade-VI-BT-large-doc. ENCODER
# FLAGS go to `spork encode` and `spork search`: --max-length 256 unless given. It needs a GPU for
# some hours, and 25 GB in OUTPUT (default target/msmarco). Exit code 1: a figure is out of its
# tolerance.
#
# Run again after an interruption, it resumes: every file that is there is complete. For another
# server, or a small collection of the same layout: --base-url URL, --files FILE (names, addresses,
# MD5 sums), --published FILE, --part LINES.
set -euo pipefail

usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

here="$(cd "$(dirname "$0")" && pwd)"
spork="${SPORK:-$here/../target/release/spork}"
model=naver/splade-cocondenser-ensembledistil query_model="" pooling=max
output="$here/../target/msmarco"
base_url="" files="$here/msmarco/files.tsv" published="$here/msmarco/published.tsv" part=500000
encoder=(--max-length 256)
while [ $# -gt 0 ]; do
    case "$1" in
        --) shift; encoder=("$@"); break ;;
        --help | -h) usage ;;
    esac
    [ $# -ge 2 ] || usage
    case "$1" in
        --model) model="$2" ;;
        --query-model) query_model="$2" ;;
        --pooling) pooling="$2" ;;
        --output) output="$2" ;;
        --base-url) base_url="${2%/}" ;;
        --files) files="$2" ;;
        --published) published="$2" ;;
        --part) part="$2" ;;
        *) usage ;;
    esac
    shift 2
done

say() { echo "msmarco: $*" >&2; }

fail() {
    say "$@"
    exit 1
}

# step WHAT RESULT COMMAND…: runs the command, which makes RESULT in one go, unless RESULT is there.
step() {
    local what="$1" result="$2"
    shift 2
    if [ -e "$result" ]; then
        say "$what: done before"
    else
        say "$what"
        "$@"
    fi
}

md5_of() { md5sum < "$1" | cut -d ' ' -f 1; }

download() { # NAME ADDRESS MD5
    local partial="$output/downloads/$1.partial" address="$2" got
    [ -z "$base_url" ] || address="$base_url/$1"
    if [ ! -e "$partial" ] || [ "$(md5_of "$partial")" != "$3" ]; then
        local code=0
        local fetch=(curl --fail --location --silent --show-error --retry 3 --output "$partial")
        "${fetch[@]}" --continue-at - "$address" || code=$?
        case "$code" in
            # The server can't resume the earlier download.
            22 | 33 | 36)
                rm -f "$partial"
                code=0
                "${fetch[@]}" "$address" || code=$?
                ;;
        esac
        [ "$code" -eq 0 ] || fail "$address: curl failed with exit code $code; run this again"
    fi
    got="$(md5_of "$partial")"
    if [ "$got" != "$3" ]; then
        rm "$partial"
        fail "$address: MD5 is $got, expected $3; the file is not what $files describes"
    fi
    mv "$partial" "$output/downloads/$1"
}

# What FILE.partial/ gets appears as FILE/ when it is complete.
whole() { # FOLDER COMMAND…
    local folder="$1"
    shift
    rm -rf "$folder.partial"
    mkdir -p "$folder.partial"
    "$@" "$folder.partial"
    mv "$folder.partial" "$folder"
}

unpack() { # FOLDER
    tar --extract --gzip --file "$output/downloads/collectionandqueries.tar.gz" --directory "$1"
}

split_collection() { # FOLDER
    split --lines "$part" --numeric-suffixes --suffix-length 4 --additional-suffix .tsv \
        "$passages/collection.tsv" "$1/"
}

# A folder has one way of encoding: vectors that were made with other settings are not reused.
check_settings() { # FILE TEXT
    [ -e "$1" ] || printf '%s\n' "$2" > "$1"
    [ "$(cat "$1")" = "$2" ] || fail "$1 says \"$(cat "$1")\", this run \"$2\";" \
        "give another --output, or remove $(dirname "$1")"
}

evaluate() { # SET QRELS MEASURES
    "$spork" eval -c --qrels "$2" --run "$runs/$1.trec" --metrics "$3" |
        awk -v set="$1" '{ print set "\t" $1 "\t" $3 }'
}

# Prints a line for each measured figure; fails if one is further from the published one than its
# tolerance.
compare() { # METRICS
    awk -F '\t' -v OFS='\t' -v model="$model" -v query="${query_model:--}" '
        FILENAME == ARGV[1] {
            if ($1 == model && $2 == query) {
                value[$3, $4] = $5
                room[$3, $4] = $6
                source[$3, $4] = $7
                known++
            }
            next
        }
        FNR == 1 {
            print "set", "measure", "measured", "published", "difference", "tolerance", "verdict",
                "source"
        }
        ($1, $2) in value {
            difference = $3 - value[$1, $2]
            within = difference <= room[$1, $2] + 1e-9 && difference >= -room[$1, $2] - 1e-9
            if (!within) outside++
            seen++
            printf "%s\t%s\t%.4f\t%.4f\t%+.4f\t%s\t%s\t%s\n", $1, $2, $3, value[$1, $2],
                difference, room[$1, $2], within ? "within" : "OUT", source[$1, $2]
            next
        }
        { print $1, $2, $3, "-", "-", "-", "-", "-" }
        END { exit outside > 0 || seen < known }' "$published" "$1"
}

[ -x "$spork" ] || fail "$spork: no such program; build it with scripts/build, or name it in SPORK"
for file in "$files" "$published"; do
    [ -r "$file" ] || fail "$file: can't be read"
done
mkdir -p "$output/downloads"
output="$(cd "$output" && pwd)"
passages="$output/passages"
encoded="$output/$(printf %s "$model" | tr -c 'A-Za-z0-9._-' _)"
runs="$encoded/$(printf %s "${query_model:-queries}" | tr -c 'A-Za-z0-9._-' _)"
mkdir -p "$encoded/vectors" "$runs"
check_settings "$encoded/settings" "--model $model --pooling $pooling --part $part ${encoder[*]}"

while IFS=$'\t' read -r name address md5; do
    [[ "$name" == \#* ]] ||
        step "download $name" "$output/downloads/$name" download "$name" "$address" "$md5"
done < "$files"
step "unpack" "$passages" whole "$passages" unpack
step "split into parts of $part passages" "$output/parts-$part" \
    whole "$output/parts-$part" split_collection

for input in "$output/parts-$part"/*.tsv; do
    vectors="$encoded/vectors/$(basename "$input" .tsv).jsonl.zst"
    step "encode part $(basename "$input" .tsv)" "$vectors" \
        "$spork" encode --model "$model" --pooling "$pooling" --input "$input" \
        --output "$vectors" "${encoder[@]}"
done
step "index" "$encoded/index" \
    "$spork" index --input "$encoded/vectors"/*.jsonl.zst --output "$encoded/index"

search() { # SET TOPICS
    step "search $1" "$runs/$1.trec" \
        "$spork" search --index "$encoded/index" --topics "$2" --model "$model" \
        ${query_model:+--query-model "$query_model"} --pooling "$pooling" --k 1000 \
        --output "$runs/$1.trec" "${encoder[@]}"
}
search dev "$passages/queries.dev.small.tsv"
search dl19 "$output/downloads/msmarco-test2019-queries.tsv.gz"
search dl20 "$output/downloads/msmarco-test2020-queries.tsv.gz"

{
    evaluate dev "$passages/qrels.dev.small.tsv" "RR@10 R@1000"
    evaluate dl19 "$output/downloads/2019qrels-pass.txt" "nDCG@10 R(rel=2)@1000"
    evaluate dl20 "$output/downloads/2020qrels-pass.txt" "nDCG@10 R(rel=2)@1000"
} > "$runs/metrics.tsv"
grep -qF "$model	${query_model:--}	" "$published" ||
    say "no published figures of $model in $published: nothing to compare with"
compare "$runs/metrics.tsv" || fail "a figure is out of its tolerance, or missing"
