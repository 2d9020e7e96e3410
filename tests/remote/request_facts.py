# SPDX-License-Identifier: Apache-2.0
"""What scenarios ask about a request."""


def is_model(request):
    return request.command == "GET" and request.place.endswith(request.registry.model)


def is_manifest(request):
    return request.command == "GET" and request.place.endswith("/manifests/1")


def model_of(request):
    return request.registry.blobs[request.registry.model]
