# SPDX-License-Identifier: Apache-2.0
"""What the recipes of all skills share: encoder, tokeniser, files, training steps and figures."""
